"""Makes the data for regression.yaml: images of one blurred dot, and where it is.

Usage: python blobs.py blobs.npz

x (2000, 16, 16, 1) uint8, y (2000, 2) float32: row and column of the dot's centre in pixels.
"""

import sys

import numpy as np

if len(sys.argv) != 2:
    print("usage: python blobs.py FILE.npz", file=sys.stderr)
    sys.exit(2)

SAMPLES, SIZE, WIDTH = 2000, 16, 1.5  # images, their side, standard deviation of the blur (pixels)

random = np.random.default_rng(0)
centres = random.uniform(2, SIZE - 3, size=(SAMPLES, 2))
grid = np.arange(SIZE)
rows = np.exp(-0.5 * ((grid - centres[:, :1]) / WIDTH) ** 2)
columns = np.exp(-0.5 * ((grid - centres[:, 1:]) / WIDTH) ** 2)
images = 200 * rows[:, :, None] * columns[:, None, :] + random.normal(20, 10, (SAMPLES, SIZE, SIZE))
x = np.clip(np.rint(images), 0, 255).astype(np.uint8)[..., None]
np.savez(sys.argv[1], x=x, y=centres.astype(np.float32))
