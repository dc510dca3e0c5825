"""Sweeps: many trainings that differ in a few settings and in the seed, and what they say."""
