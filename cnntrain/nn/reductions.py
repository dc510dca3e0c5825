"""Sums over flat vectors, in double precision and without BLAS, whose sums depend on the number
of cores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def inner(a: Array, b: Array) -> float:
    """a^T b."""
    return float(np.sum(np.multiply(a, b, dtype=np.float64)))


def norm(a: Array) -> float:
    """||a||."""
    return math.sqrt(inner(a, a))
