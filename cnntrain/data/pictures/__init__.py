"""Pictures in files: which there are, what becomes of each, and where the result is kept."""
