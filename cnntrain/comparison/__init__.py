"""The comparison of runs: results beside settings, means over seeds, tests of differences."""
