"""Engines: how the layers of a network are computed."""
