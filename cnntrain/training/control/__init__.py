"""Steering a run by hand while one watches."""
