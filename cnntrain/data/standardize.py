"""Standardisation: x <- (x - mean) / std, with statistics of the training part only.

    none          x as it is
    zero_to_one   mean = smallest value, std = largest - smallest
    per_channel   mean and standard deviation of each channel (each entry of a vector)
    per_pixel     of each pixel of each channel

A standard deviation of 0 counts as 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
BLOCK = 1024  # samples that statistics are summed over at a time


@dataclass(frozen=True, eq=False)
class Standardizer:
    """mean and std, float64, of a shape that broadcasts over a sample: (), (C,) or (H, W, C)."""

    mean: Array
    std: Array

    @classmethod
    def fit(cls, kind: str, x: Array, indices: Array) -> Standardizer:
        """The statistics of x[indices], never copied as a whole."""
        if kind == "none":
            return cls(np.zeros(()), np.ones(()))
        if kind == "zero_to_one":
            low = min(float(block.min()) for block in _blocks(x, indices))
            high = max(float(block.max()) for block in _blocks(x, indices))
            return cls(np.array(low), np.array(high - low or 1.0))
        axes = tuple(range(x.ndim - 1)) if kind == "per_channel" else (0,)
        count = len(indices) * math.prod(x.shape[axis] for axis in axes[1:])
        mean = sum(block.sum(axis=axes, dtype=_exact(x)) for block in _blocks(x, indices)) / count
        square = sum(
            np.square(block.astype(np.float64) - mean).sum(axis=axes)
            for block in _blocks(x, indices)
        )
        std = np.sqrt(square / count)
        return cls(mean, np.where(std > 0, std, 1.0))

    def apply(self, raw: Array, dtype: DTypeLike) -> Array:
        """Raw samples (n, H, W, C) or (n, d) standardised, samples innermost: (C, H, W, n), (d, n).

        Computed in `dtype`, x scale + shift, into a new array.
        """
        scale = (1 / self.std).astype(dtype)
        shift = (-self.mean / self.std).astype(dtype)
        inner = np.ascontiguousarray(np.moveaxis(_channels_first(raw), 0, -1), dtype=dtype)
        inner *= _inner(scale, raw.ndim)
        inner += _inner(shift, raw.ndim)
        return inner

    def standardize(self, raw: Array, dtype: DTypeLike) -> Array:
        """The same with the axes of `raw`: (n, H, W, C) or (n, d)."""
        inner = np.moveaxis(self.apply(raw, dtype), -1, 0)
        return np.moveaxis(inner, 1, -1) if raw.ndim == 4 else inner

    def to_json(self) -> dict[str, Any]:
        """As plain lists; reading them back gives the same numbers."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Standardizer:
        """What `to_json` wrote."""
        return cls(np.array(value["mean"], dtype=float), np.array(value["std"], dtype=float))


def _blocks(x: Array, indices: Array) -> Iterator[Array]:
    """x[indices], some samples at a time."""
    for start in range(0, len(indices), BLOCK):
        yield x[indices[start : start + BLOCK]]


def _exact(x: Array) -> DTypeLike:
    """A type in which whole numbers are summed without rounding."""
    return np.int64 if np.issubdtype(x.dtype, np.integer) else np.float64


def _channels_first(raw: Array) -> Array:
    """(n, H, W, C) as (n, C, H, W); vectors as they are."""
    return np.moveaxis(raw, -1, 1) if raw.ndim == 4 else raw


def _inner(values: Array, ndim: int) -> Array:
    """Values of shape (), (C,), (H, W, C) or (d,) so that they broadcast over inner samples."""
    if values.ndim == 3:
        values = np.moveaxis(values, -1, 0)
    elif values.ndim == 1 and ndim == 4:
        values = values[:, None, None]
    return values[..., None]
