"""Samples that a network can ask for a chunk at a time."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cnntrain.errors import UsageError

Array = NDArray[Any]


class Samples(Protocol):
    """Inputs, already standardised when they are handed out, and their labels or targets."""

    def __len__(self) -> int: ...

    def chunk(self, start: int, stop: int, dtype: DTypeLike) -> tuple[Array, Array]:
        """Samples start ... stop - 1: x (C, H, W, n) or (d, n) of `dtype`, and y."""
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

    def chunk(self, start: int, stop: int, dtype: DTypeLike) -> tuple[Array, Array]:
        inner = np.moveaxis(self.x[start:stop], 0, -1)  # (H, W, C, n) or (d, n)
        if inner.ndim == 4:
            inner = np.moveaxis(inner, 2, 0)
        return np.ascontiguousarray(inner, dtype=dtype), self.y[start:stop]
