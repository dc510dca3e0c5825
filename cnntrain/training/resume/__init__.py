"""Resuming a run that was interrupted."""
