"""What the inputs of a part are like: ranges, means and deviations, and what never changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.audit.sample import blocks
from cnntrain.data.part import Part

Array = NDArray[Any]
SHIFT = 0.25  # deviations by which the mean of another part may differ
ERRORS = 5  # and standard errors, which small parts have large
STRETCH = 1.5  # factor by which its deviation may differ
MANY = 100  # samples that tell a deviation well enough


@dataclass(frozen=True)
class ChannelStatistics:
    """Of the numbers in one channel of images or signals, or in one entry of vectors."""

    minimum: float
    maximum: float
    mean: float
    deviation: float


@dataclass(frozen=True, eq=False)
class InputStatistics:
    """Of the raw inputs of a part.

    channels     of each channel of images (N, H, W, C), of each entry of vectors (N, d)
    smallest, largest   value of each entry of a sample, (H, W, C) or (d,)
    equal        whether all channels, two or more, hold the same
    blank        positions of the images that are of one value throughout
    """

    channels: tuple[ChannelStatistics, ...]
    smallest: Array
    largest: Array
    equal: bool
    blank: Array

    @classmethod
    def of(cls, part: Part) -> InputStatistics:
        """Those of a part, which is read once."""
        x = part.examples.x
        images = x.ndim == 4
        axes = tuple(range(x.ndim - 1)) if images else (0,)
        # Summed from a value of their own on, equal values have no deviation.
        first = x[part.indices[0]].astype(np.float64)
        origin = first[0, 0] if images else first
        total, square, count = np.zeros_like(origin), np.zeros_like(origin), 0
        smallest, largest = first, first
        equal, blank = images and x.shape[-1] > 1, list[Array]()
        for start, block in blocks(part, "looking at inputs"):
            low, high = block.min(axis=0), block.max(axis=0)
            smallest, largest = np.minimum(smallest, low), np.maximum(largest, high)
            moved = block - origin
            total += moved.sum(axis=axes)
            square += np.square(moved, out=moved).sum(axis=axes)
            count += block.size // block.shape[-1] if images else len(block)
            equal = equal and bool((block[..., 1:] == block[..., :-1]).all())
            if images and block[0].size > 1:
                rows = block.reshape(len(block), -1)
                blank.append(start + np.flatnonzero((rows == rows[:, :1]).all(axis=1)))
        mean = total / count
        deviation = np.sqrt(np.maximum(square / count - np.square(mean), 0.0))
        over = tuple(range(smallest.ndim - 1))
        values = smallest.min(axis=over), largest.max(axis=over), origin + mean, deviation
        return cls(
            channels=tuple(
                ChannelStatistics(*(float(v) for v in each)) for each in zip(*values, strict=True)
            ),
            smallest=smallest,
            largest=largest,
            equal=equal,
            blank=np.concatenate(blank) if blank else np.zeros(0, dtype=np.int64),
        )

    @property
    def minimum(self) -> float:
        """The smallest value of all."""
        return float(self.smallest.min())

    @property
    def maximum(self) -> float:
        """The largest value of all."""
        return float(self.largest.max())

    @cached_property
    def constant_channels(self) -> tuple[int, ...]:
        """The channels, or entries of vectors, in which nothing ever changes."""
        return tuple(k for k, one in enumerate(self.channels) if one.minimum == one.maximum)

    @property
    def constant_entries(self) -> int:
        """How many entries of a sample are the same in all samples."""
        return int(np.count_nonzero(self.smallest == self.largest))

    @property
    def entries(self) -> int:
        """How many entries a sample has."""
        return self.smallest.size


def shifted(train: InputStatistics, other: InputStatistics, count: int) -> tuple[int, ...]:
    """The channels in which another part of `count` samples has a mean or a deviation that differs
    much from that of the training part, and by more than chance explains.

    A mean differs by SHIFT deviations and ERRORS standard errors, as if the pixels of an image were
    all the same; a deviation, of MANY images, by the factor STRETCH.
    """
    found = []
    for k, (a, b) in enumerate(zip(train.channels, other.channels, strict=True)):
        apart = abs(a.mean - b.mean)
        error = np.sqrt((a.deviation**2 + b.deviation**2) / count)
        low, high = sorted((a.deviation, b.deviation))
        moved = apart > SHIFT * a.deviation and apart > ERRORS * error
        stretched = train.smallest.ndim == 3 and count >= MANY and high > STRETCH * low
        if moved or stretched:
            found.append(k)
    return tuple(found)
