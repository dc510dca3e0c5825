"""What a data set is: parts of raw arrays, and how their values are standardised."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cnntrain.data.standardize import Standardizer
from cnntrain.errors import DataError, UsageError
from cnntrain.text import printable

Array = NDArray[Any]
PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Pair:
    """Inputs x (N, H, W, C) or (N, d), raw and of the type they are stored in, with labels
    y (N,) int64, or targets y (N, d) float64."""

    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Source:
    """What a source holds: a training pair, further ones where it has them, and names of
    the classes (None: the targets are real numbers)."""

    train: Pair
    validation: Pair | None = None
    test: Pair | None = None
    class_names: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def pairs(self) -> dict[str, Pair]:
        """The pairs that there are, by the name of the part, in the order of PARTS."""
        pairs = {name: getattr(self, name) for name in PARTS}
        return {name: pair for name, pair in pairs.items() if pair is not None}


@dataclass(frozen=True, eq=False)
class Part:
    """The samples of `pair` at `indices` (int64)."""

    pair: Pair
    indices: Array

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def x(self) -> Array:
        """All inputs of the underlying pair; this part's are at `indices`."""
        return self.pair.x

    @property
    def y(self) -> Array:
        """All labels of the underlying pair; this part's are at `indices`."""
        return self.pair.y

    @property
    def labels(self) -> Array:
        """Labels or targets of this part."""
        return np.asarray(self.pair.y[self.indices])


class PartSamples:
    """Samples of a part, standardised when they are asked for: what a network is fed."""

    def __init__(
        self, part: Part, standardizer: Standardizer, positions: Array | None = None
    ) -> None:
        self.part, self.standardizer = part, standardizer
        self.indices = part.indices if positions is None else part.indices[positions]

    def __len__(self) -> int:
        return len(self.indices)

    def chunk(self, start: int, stop: int, dtype: DTypeLike) -> tuple[Array, Array]:
        """Samples start ... stop - 1: x (C, H, W, n) or (d, n) of `dtype`, and their y."""
        indices = self.indices[start:stop]
        return self.standardizer.apply(self.part.x[indices], dtype), self.part.y[indices]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training, validation and test part of one source.

    parts         by name, in the order of PARTS; the training part is always there
    class_names   None where the targets are real numbers
    fingerprint   SHA-256 over shapes, types and bytes of the arrays as read
    warnings      what is odd about the data, for people
    """

    parts: dict[str, Part]
    class_names: tuple[str, ...] | None
    standardizer: Standardizer
    fingerprint: str
    warnings: tuple[str, ...] = ()

    @property
    def train(self) -> Part:
        """The training part."""
        return self.parts["train"]

    @property
    def validation(self) -> Part | None:
        """The validation part, if there is one."""
        return self.parts.get("validation")

    @property
    def test(self) -> Part | None:
        """The test part, if there is one."""
        return self.parts.get("test")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample: (H, W, C) or (d,)."""
        return self.train.x.shape[1:]

    @property
    def classes(self) -> int | None:
        """The number of classes, None where the targets are real numbers."""
        return None if self.class_names is None else len(self.class_names)

    @property
    def outputs(self) -> int:
        """What a network must put out: a number a class, or a number a target entry."""
        return self.classes or int(self.train.y.shape[1])

    @property
    def split(self) -> Mapping[str, Array]:
        """Indices of each part that there is, in fixed order."""
        return {name: part.indices for name, part in self.parts.items()}

    @property
    def split_hash(self) -> str:
        """SHA-256 over the indices of all parts."""
        return digest(self.split)

    def part(self, name: str) -> Part:
        """The part called train, validation or test.

        Raises DataError where the data have none, UsageError for another name.
        """
        if name not in PARTS:
            raise UsageError(f"no part {printable(name)}, expected {', '.join(PARTS)}")
        if name not in self.parts:
            raise DataError(f"the data have no {name} part (set data.{name})")
        return self.parts[name]

    def samples(self, part: Part, positions: Array | None = None) -> PartSamples:
        """What a network is fed of `part`: all of it, or the samples at `positions` in it."""
        return PartSamples(part, self.standardizer, positions)


def digest(arrays: Mapping[str, Array]) -> str:
    """SHA-256 over names, shapes, types and bytes of `arrays`, in their order."""
    total = hashlib.sha256()
    for name, array in arrays.items():
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        for start in range(0, len(array), 4096):
            total.update(np.ascontiguousarray(array[start : start + 4096]).data)
    return total.hexdigest()
