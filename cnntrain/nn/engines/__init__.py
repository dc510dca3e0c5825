"""Engines: what turns a list of layers into stages that compute."""
