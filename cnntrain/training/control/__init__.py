"""Requests by hand to a run under way."""
