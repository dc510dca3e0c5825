"""Samples that occur in more than one part: an error measured on them says too little."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from cnntrain.data.dataset import Part


def shared_samples(parts: dict[str, Part]) -> list[str]:
    """A warning for each two of the parts that share inputs, byte for byte; labels do not count."""
    warnings = []
    for first, second in combinations(parts, 2):
        count = int(np.isin(parts[second].digests, parts[first].digests).sum())
        if count:
            size, where = len(parts[second]), "training" if first == "train" else first
            warnings.append(f"{count:,} of {size:,} {second} samples occur in the {where} part too")
    return warnings
