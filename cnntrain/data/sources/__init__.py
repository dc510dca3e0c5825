"""Where data come from, one source a file."""
