"""Whether sentences hold: marks, quotes, and the checks of what an answer says against its passages. Pure."""
