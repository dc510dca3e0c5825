"""The files that data come in, read without trust in what they say of themselves."""
