"""What is kept on disk: the catalog (the truth), and the two indexes derived from it."""
