"""The network, its layers, losses and gradient."""
