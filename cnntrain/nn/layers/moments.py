"""Mean and variance by channel, of parts that are put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnntrain.nn.shapes import Array


@dataclass(frozen=True)
class Moments:
    """Of `count` entries of each of C channels: their mean, and the sum of their squared distances
    from it, (C,) float64."""

    count: int
    mean: Array
    squares: Array

    @classmethod
    def of(cls, x: Array) -> Moments:
        """Of x (C, ..., n): of rows first, then of their sums, so that rounding errors do not add
        up."""
        count = x[0].size
        mean = _sums(x) / count
        apart = x - mean.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - 1))
        rest = _sums(apart) / count  # of the mean as x's type has it
        squares = _sums(np.square(apart, out=apart)) - count * np.square(rest)
        return cls(count, mean.astype(x.dtype) + rest, squares)

    def __add__(self, other: Moments) -> Moments:
        """Of both parts together (Chan, Golub and LeVeque 1979)."""
        count, step = self.count + other.count, other.mean - self.mean
        mean = self.mean + step * (other.count / count)
        between = np.square(step) * (self.count * (other.count / count))
        return Moments(count, mean, self.squares + other.squares + between)

    @property
    def variance(self) -> Array:
        """The mean squared distance from the mean."""
        return self.squares / self.count

    @property
    def unbiased(self) -> Array:
        """The estimate of the variance of what the entries are drawn from."""
        return self.squares / (self.count - 1)


def _sums(x: Array) -> Array:
    """Over all but the first axis, the last one first."""
    total = x.sum(axis=-1)
    return np.asarray(total.reshape(len(x), -1).sum(axis=1, dtype=np.float64))
