"""The variance of the gradient of a mini-batch against its size B, at w_0 and at a trained w.

Usage: python gradient_variance.py RUN

E ||g_B - g||^2, g being the gradient over the training part, is 1/B of the variance of a single
sample's gradient where samples are drawn independently; the last column is their product.
"""

from __future__ import annotations

import sys

import numpy as np

import cnntrain
from cnntrain import randomness
from cnntrain.data import load_dataset

DRAWS = 1000

model = cnntrain.load_model(sys.argv[1])
dataset, network = load_dataset(model.config.data), model.network
points = {"w_0": network.initial_parameters(seed=0), "trained": model.w}


def gradient(w, positions=None):
    """The gradient over the training samples at `positions`, all by default."""
    samples = dataset.samples(dataset.train, positions)
    return network.totals_and_gradient(w, samples, (0, 0, 0))[1].astype(np.float64)


print("| w | B | mean squared distance to the full gradient | times B |")
print("| --- | --- | --- | --- |")
for name, w in points.items():
    full, count = gradient(w), len(dataset.train)
    for batch in (1, 8, 32, 128):
        distances = []
        for draw in range(DRAWS):  # independent samples: drawn with replacement
            words = randomness.words(batch, "variance", batch, draw)
            positions = (words % np.uint64(count)).astype(np.int64)
            distances.append(np.square(gradient(w, positions) - full).sum())
        mean = float(np.mean(distances))
        print(f"| {name} | {batch} | {mean:.4g} | {batch * mean:.3g} |")
