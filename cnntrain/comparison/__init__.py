"""Runs beside each other: their settings, their results, and whether a difference is chance."""
