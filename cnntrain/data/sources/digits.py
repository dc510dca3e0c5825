"""The digits that come with cnntrain: 1,797 images of 8 x 8, values 0 ... 16, 10 classes."""

from __future__ import annotations

import gzip

import numpy as np

from cnntrain.data.dataset import Pair, Source
from cnntrain.resources import bundled


def read() -> Source:
    """All digits in one pair; parts are split off it.  See data/README.md for their origin."""
    with gzip.open(bundled("data/digits.csv.gz"), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    x, y = table[:, :64].reshape(-1, 8, 8, 1), table[:, 64].astype(np.int64)
    return Source(Pair(np.ascontiguousarray(x), y), class_names=tuple("0123456789"))
