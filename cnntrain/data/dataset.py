"""What a data set is: parts of raw arrays, and how their values are standardised."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.standardize import Standardizer
from cnntrain.errors import DataError

Array = NDArray[Any]


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


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training, validation and test part of one source.

    class_names   None where the targets are real numbers
    fingerprint   SHA-256 over shapes, types and bytes of the arrays as read
    warnings      what is odd about the data, for people
    """

    train: Part
    validation: Part | None
    test: Part | None
    class_names: tuple[str, ...] | None
    standardizer: Standardizer
    fingerprint: str
    warnings: tuple[str, ...] = ()

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
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part.indices for name, part in parts.items() if part is not None}

    @property
    def split_hash(self) -> str:
        """SHA-256 over the indices of all parts."""
        return digest(self.split)

    def part(self, name: str) -> Part:
        """The part called train, validation or test; DataError where there is none."""
        part: Part | None = getattr(self, name)
        if part is None:
            raise DataError(f"the data have no {name} part (set data.{name})")
        return part


def digest(arrays: Mapping[str, Array]) -> str:
    """SHA-256 over names, shapes, types and bytes of `arrays`, in their order."""
    total = hashlib.sha256()
    for name, array in arrays.items():
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        for start in range(0, len(array), 4096):
            total.update(np.ascontiguousarray(array[start : start + 4096]).data)
    return total.hexdigest()
