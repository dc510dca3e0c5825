"""Messages about a config: errors, suggestions, warnings."""
