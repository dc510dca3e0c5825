"""Sweeps: many trainings that differ in a few settings and in the seed, and their comparison."""
