"""Optimization: methods, learning-rate schedules, when to lower the rate and when to stop."""
