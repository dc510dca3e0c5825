"""From text to plain values, each with its place: YAML, overrides, paths."""
