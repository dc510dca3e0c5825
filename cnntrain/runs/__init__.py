"""Run directories: their layout, their records, and safe ways to read and write them."""
