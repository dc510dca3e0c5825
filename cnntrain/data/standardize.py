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
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.nn.shapes import Array, inner, outer

Standardization = Literal["none", "zero_to_one", "per_channel", "per_pixel"]
BLOCK = 1024  # samples summed at a time


@dataclass(frozen=True, eq=False)
class Standardizer:
    """mean and std, float64, of a shape that broadcasts over a sample: (), (C,) or (H, W, C)."""

    mean: Array
    std: Array

    @classmethod
    def fit(cls, kind: Standardization, x: Array, indices: Array) -> Standardizer:
        """The statistics of x[indices], never copied as a whole."""
        if kind == "none":
            return cls(np.zeros(()), np.ones(()))
        if kind == "zero_to_one":
            low = min(float(block.min()) for block in _blocks(x, indices))
            high = max(float(block.max()) for block in _blocks(x, indices))
            return cls(np.array(low), np.array(high - low or 1.0))
        axes = tuple(range(x.ndim - 1)) if kind == "per_channel" else (0,)
        count = len(indices) * math.prod(x.shape[axis] for axis in axes[1:])
        first = x[indices[0]].astype(np.float64)
        # Summed from a value of their own on, equal values have exactly that mean.
        origin = first[0, 0] if x.ndim == 4 and kind == "per_channel" else first
        total = sum(_differences(block, origin, axes) for block in _blocks(x, indices))
        mean = origin + total / count
        square = sum(np.square(block - mean).sum(axis=axes) for block in _blocks(x, indices))
        std = np.sqrt(square / count)
        return cls(mean, np.where(std > 0, std, 1.0))

    def of_entries(self, shape: tuple[int, ...]) -> tuple[Array, Array] | tuple[None, None]:
        """mean and std of each entry of a sample of `shape`; None where they change nothing."""
        if shape not in self._by_shape:
            full = (np.broadcast_to(values, shape) for values in (self.mean, self.std))
            mean, std = (np.ascontiguousarray(values) for values in full)
            trivial = not mean.any() and (std == 1).all()
            self._by_shape[shape] = (None, None) if trivial else (mean, std)
        return self._by_shape[shape]

    @cached_property
    def _by_shape(self) -> dict[tuple[int, ...], tuple[Array, Array] | tuple[None, None]]:
        """What `of_entries` has given: it is asked for in every step."""
        return {}

    def apply(self, raw: Array, dtype: DTypeLike) -> Array:
        """Raw samples (n, H, W, C) or (n, d) standardised, samples innermost: (C, H, W, n), (d, n).

        A new array of `dtype`; bytes are scaled and shifted in `dtype`, others in float64.
        """
        x = np.ascontiguousarray(inner(raw))
        mean, std = (_broadcast(values, raw.ndim) for values in (self.mean, self.std))
        if raw.dtype.itemsize == 1:
            result = x.astype(dtype)
            result *= (1 / std).astype(dtype)
            result += (-mean / std).astype(dtype)
            return result
        with np.errstate(over="ignore"):  # what does not fit in `dtype` becomes infinite
            return ((x - mean) / std).astype(dtype, copy=False)

    def standardize(self, raw: Array, dtype: DTypeLike) -> Array:
        """The same as `apply`, with the axes of `raw`: (n, H, W, C) or (n, d)."""
        return outer(self.apply(raw, dtype))

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


def _differences(block: Array, origin: Array, axes: tuple[int, ...]) -> Array:
    """The sums of block - origin over `axes`, the first of which is that of the samples."""
    if block.dtype != np.uint8:
        sums: Array = (block - origin).sum(axis=axes)
        return sums
    # Whole numbers have the same sum in any order, and are added faster than real ones.
    totals = block.reshape(len(block), -1).sum(axis=0, dtype=np.int64).reshape(block.shape[1:])
    differences = totals - len(block) * origin
    return np.asarray(differences.sum(axis=tuple(axis - 1 for axis in axes[1:])))


def _broadcast(values: Array, ndim: int) -> Array:
    """Values of shape (), (C,), (H, W, C) or (d,) so that they broadcast over inner samples."""
    if values.ndim == 3:
        values = values.transpose(2, 0, 1)
    elif values.ndim == 1 and ndim == 4:
        values = values[:, None, None]
    return values[..., None]
