"""A part of the data, and its samples as a network is fed with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cnntrain.data.examples import Examples
from cnntrain.data.input_range import InputRange
from cnntrain.data.standardize import BLOCK, Standardizer
from cnntrain.nn.samples import Rows

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Part:
    """The samples of `examples` at `indices`: int64, ascending, none of them twice."""

    examples: Examples
    indices: Array

    @classmethod
    def whole(cls, examples: Examples) -> Part:
        """All of `examples`."""
        return cls(examples, np.arange(len(examples)))

    def __len__(self) -> int:
        return len(self.indices)

    @cached_property
    def x(self) -> Array:
        """Raw inputs of this part: (n, H, W, C) or (n, d), of the type they are stored in."""
        return self._own(self.examples.x)

    @cached_property
    def y(self) -> Array:
        """Labels (n,) int64 of this part, or targets (n, d) float64."""
        return self._own(self.examples.y)

    @property
    def groups(self) -> Array | None:
        """The groups (n,) that this part's samples belong to, None where they have none."""
        groups = self.examples.groups
        return None if groups is None else self._own(groups)

    @cached_property
    def input_range(self) -> InputRange:
        """That of this part's raw inputs, which are not copied as a whole."""
        x = self.examples.x
        parts = (self.indices[i : i + BLOCK] for i in range(0, len(self), BLOCK))
        ranges = [InputRange.of(x[some]) for some in parts]
        low, high = min(r.minimum for r in ranges), max(r.maximum for r in ranges)
        return InputRange(x.dtype.name, low, high)

    @cached_property
    def channel_means(self) -> Array:
        """Their means by channel, (C,) float64, and for vectors by entry, (d,)."""
        return Standardizer.fit("per_channel", self.examples.x, self.indices).mean

    @cached_property
    def digests(self) -> Array:
        """64 bits of a digest of the bytes of each sample's raw inputs, (n,) uint64."""
        rows = (np.ascontiguousarray(self.examples.x[i]).data for i in self.indices)
        digests = b"".join(hashlib.blake2b(row, digest_size=8).digest() for row in rows)
        return np.frombuffer(digests, dtype="<u8")

    def _own(self, array: Array) -> Array:
        """A copy, unless all are this part's."""
        return array if len(self) == len(self.examples) else array[self.indices]


class PartSamples:
    """Samples of a part, standardised when they are asked for, as input of a network.

    positions   which of the part's samples, in which order; all of them by default
    """

    def __init__(
        self, part: Part, standardizer: Standardizer, positions: Array | None = None
    ) -> None:
        self.examples, self.standardizer = part.examples, standardizer
        self.indices = part.indices if positions is None else part.indices[positions]

    def __len__(self) -> int:
        return len(self.indices)

    def between(self, start: int, stop: int) -> PartSamples:
        """Samples start ... stop - 1 of these."""
        return PartSamples(Part(self.examples, self.indices[start:stop]), self.standardizer)

    def changed(
        self, change: Callable[[Array], Array], targets: Array | None = None
    ) -> PartSamples:
        """The same samples with other inputs, what `change` makes of a copy of the raw ones, and
        with other `targets` where there are any."""
        x = change(np.take(self.examples.x, self.indices, axis=0))
        y = self.targets() if targets is None else targets
        changed = Examples(np.ascontiguousarray(x), y)
        return PartSamples(Part.whole(changed), self.standardizer)

    def rows(self) -> Rows:
        """Their inputs, raw."""
        x = self.examples.x
        return Rows(x, self.indices, *self.standardizer.of_entries(x.shape[1:]))

    def targets(self) -> Array:
        """Their labels or targets."""
        return self.examples.y[self.indices]

    def chunk(self, start: int, stop: int, dtype: DTypeLike) -> tuple[Array, Array]:
        """Samples start ... stop - 1: x (C, H, W, n) or (d, n) of `dtype`, and their y."""
        indices = self.indices[start:stop]
        x, y = self.examples.x[indices], self.examples.y[indices]
        return self.standardizer.apply(x, dtype), y
