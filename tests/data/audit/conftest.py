"""Small data sets for the audit, made part by part."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.data.dataset import Dataset
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.data.standardize import Standardizer


def _photos(count, height=16, width=16, channels=1, seed=0, classes=3):
    """Pictures (count, H, W, C) of smooth, random shades, as bytes; channels are much alike.  And
    their labels, in turn."""
    random = np.random.default_rng(seed)
    rows, columns = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)
    x = np.empty((count, height, width, channels), dtype=np.uint8)
    for picture in x:
        waves = [
            a * np.cos(u * rows + v * columns + p)
            for a, u, v, p in random.uniform((0.3, -9, -9, 0), (1, 9, 9, 6.3), (5, 4))
        ]
        for channel in range(channels):
            shades = np.sum(waves[channel:], axis=0)
            picture[..., channel] = 20 + 200 * (shades - shades.min()) / np.ptp(shades)
    return x, np.arange(count) % classes


@pytest.fixture(scope="session")
def photos():
    """`photos(count, height, width, channels, seed)`: pictures and labels."""
    return _photos


@pytest.fixture
def dataset():
    """`dataset(train=(x, y), test=(x, y), files={"train": [...]})`: a data set of these parts."""

    def made(classes=3, files=None, **parts):
        examples = {
            name: Examples(np.asarray(x), np.asarray(y), (files or {}).get(name))
            for name, (x, y) in parts.items()
        }
        labels = examples["train"].y.ndim == 1
        return Dataset(
            parts={name: Part.whole(one) for name, one in examples.items()},
            class_names=tuple("abcdefghij"[:classes]) if labels else None,
            standardizer=Standardizer(np.zeros(()), np.ones(())),
            fingerprint="",
        )

    return made
