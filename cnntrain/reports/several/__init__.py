"""Reports of several runs: groups of them over each other, sweeps as pictures."""
