"""One reader per family of formats; each returns elements in reading order."""
