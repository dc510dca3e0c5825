"""A trained network as a PyTorch module to read, with its weights beside it."""
