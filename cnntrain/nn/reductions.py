"""Sums over flat vectors, in double precision and without BLAS, whose sums depend on the number
of cores."""

from __future__ import annotations

import math

import numpy as np

from cnntrain.nn.shapes import Array


def inner(a: Array, b: Array) -> float:
    """a^T b."""
    return float(np.sum(np.multiply(a, b, dtype=np.float64)))


def norm(a: Array) -> float:
    """||a||, finite for finite entries whose squares are beyond the range of floats."""
    with np.errstate(over="ignore"):
        square = inner(a, a)
    if 0 < square < math.inf or a.size == 0:
        return math.sqrt(square)
    largest = float(np.max(np.abs(a)))
    if largest == 0 or not math.isfinite(largest):
        return largest
    parts = np.divide(a, largest, dtype=np.float64)
    return largest * math.sqrt(inner(parts, parts))
