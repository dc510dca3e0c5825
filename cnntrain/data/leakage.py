"""Samples that occur in more than one part: an error measured on them says too little."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np

from cnntrain.data.dataset import Part


def shared_samples(parts: dict[str, Part]) -> list[str]:
    """A warning for each two of the parts that share inputs, byte for byte; labels do not count."""
    hashes = {name: _hashes(part) for name, part in parts.items()}
    warnings = []
    for first, second in combinations(parts, 2):
        seen = set(hashes[first])
        count = sum(value in seen for value in hashes[second])
        if count:
            size, where = len(parts[second]), "training" if first == "train" else first
            warnings.append(f"{count:,} of {size:,} {second} samples occur in the {where} part too")
    return warnings


def _hashes(part: Part) -> list[bytes]:
    return [
        hashlib.blake2b(np.ascontiguousarray(part.examples.x[i]).data, digest_size=16).digest()
        for i in part.indices
    ]
