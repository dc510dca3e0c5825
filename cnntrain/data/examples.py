"""What a source holds: raw arrays, and the parts of the data that they are for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
PARTS = ("train", "validation", "test")


def spoken(part: str) -> str:
    """The name of a part as people say it: "training" for train."""
    return "training" if part == "train" else part


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs x (N, H, W, C) or (N, d), raw and of the type they are stored in, with labels
    y (N,) int64, or targets y (N, d) float64.

    files    the file that each sample comes from, where each has one of its own, as people call it
    groups   (N,), equal for samples that belong together, where the source tells
    """

    x: Array
    y: Array
    files: tuple[str, ...] | None = None
    groups: Array | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class RawData:
    """The contents of a source: training examples, those of other parts where it has them, and
    names of the classes (None: they have none, or the targets are real numbers)."""

    train: Examples
    validation: Examples | None = None
    test: Examples | None = None
    class_names: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, Examples]:
        """The examples of each part that there is, by its name, in the order of PARTS."""
        parts = {name: getattr(self, name) for name in PARTS}
        return {name: examples for name, examples in parts.items() if examples is not None}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over shapes, types and bytes of the arrays."""
        return digest(
            {
                f"{kind}_{name}": array
                for name, examples in self.parts.items()
                for kind, array in (("x", examples.x), ("y", examples.y))
            }
        )


def digest(arrays: Mapping[str, Array]) -> str:
    """SHA-256 over names, shapes, types and bytes of `arrays`, in their order."""
    total = hashlib.sha256()
    for name, array in arrays.items():
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        for start in range(0, len(array), 4096):
            total.update(np.ascontiguousarray(array[start : start + 4096]).data)
    return total.hexdigest()
