"""The sections of a report, one a file: each from the evidence to a section, or None."""
