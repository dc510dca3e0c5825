"""Samples that a network can ask for a chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.errors import UsageError
from cnntrain.nn.shapes import Array, inner


@dataclass(frozen=True, eq=False)
class Rows:
    """Inputs as they are stored: rows `numbers` of x (N, H, W, C) or (N, d).

    mean, std   what standardises them, (H, W, C) or (d,) in float64, as data/standardize.py does
                it; None: x is standardised
    """

    x: Array
    numbers: Array
    mean: Array | None = None
    std: Array | None = None


class Samples(Protocol):
    """Inputs and their labels or targets."""

    def __len__(self) -> int: ...

    def rows(self) -> Rows:
        """The inputs of all samples, not yet standardised."""
        ...

    def targets(self) -> Array:
        """Labels (n,) or targets (n, d) of all samples."""
        ...

    def chunk(self, start: int, stop: int, dtype: DTypeLike) -> tuple[Array, Array]:
        """Samples start ... stop - 1: x standardised, (C, H, W, n) or (d, n) of `dtype`, and y."""
        ...


class ArraySamples:
    """Standardised arrays in memory: x (N, H, W, C), (N, H, W) or (N, d), and y (N, ...)."""

    def __init__(self, x: Array, y: Array) -> None:
        if len(x) != len(y):
            raise UsageError(f"x has {len(x)} samples, y has {len(y)}")
        self.x = x[..., None] if x.ndim == 3 else x
        self.y = y

    def __len__(self) -> int:
        return len(self.x)

    def rows(self) -> Rows:
        return Rows(self.x, np.arange(len(self)))

    def targets(self) -> Array:
        return self.y

    def chunk(self, start: int, stop: int, dtype: DTypeLike) -> tuple[Array, Array]:
        return np.ascontiguousarray(inner(self.x[start:stop]), dtype=dtype), self.y[start:stop]
