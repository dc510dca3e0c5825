"""Training: the loop, its rules for stopping, and the files of a run."""
