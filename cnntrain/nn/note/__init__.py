"""Algorithm 1 and the appendix of the note, written out to be read beside it."""
