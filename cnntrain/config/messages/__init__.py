"""What is said of a config: errors, suggestions, warnings."""
