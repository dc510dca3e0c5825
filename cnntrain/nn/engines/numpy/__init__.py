"""The engine in NumPy: its stages are the layers themselves."""
