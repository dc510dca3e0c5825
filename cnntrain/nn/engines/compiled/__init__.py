"""The compiled engine: layers in C, several of them in one call."""
