"""A data set: raw arrays, the parts they are split into, and how a network is fed from them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cnntrain.data.input_range import InputRange
from cnntrain.data.standardize import BLOCK, Standardizer
from cnntrain.errors import DataError, UsageError
from cnntrain.nn.samples import Rows
from cnntrain.text import printable

Array = NDArray[Any]
PARTS = ("train", "validation", "test")


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


class Augment(Protocol):
    """What training makes of samples at some positions (n,) of the training part in an epoch."""

    def __call__(self, x: Array, positions: Array, epoch: int) -> Array:
        """Of their raw inputs x (n, ...), which may be written to."""
        ...

    def targets(self, positions: Array, epoch: int) -> Array:
        """Of their labels or targets."""
        ...


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


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training, validation and test part of one source.

    parts         by name, in the order of PARTS; the training part is always there
    class_names   None where the targets are real numbers
    fingerprint   SHA-256 over shapes, types and bytes of the arrays as read
    warnings      oddities of the data, to be shown to people
    augment       what training makes of the training part; None: it takes it as it is
    """

    parts: dict[str, Part]
    class_names: tuple[str, ...] | None
    standardizer: Standardizer
    fingerprint: str
    warnings: tuple[str, ...] = ()
    augment: Augment | None = None

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
        return self.train.examples.x.shape[1:]

    @property
    def classes(self) -> int | None:
        """The number of classes, None where the targets are real numbers."""
        return None if self.class_names is None else len(self.class_names)

    @property
    def outputs(self) -> int:
        """How many outputs a network needs: one for each class, or for each entry of a target."""
        return self.classes or int(self.train.examples.y.shape[1])

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
        """All samples of `part`, or those at `positions` in it, as input of a network."""
        return PartSamples(part, self.standardizer, positions)

    def batch(self, positions: Array, epoch: int) -> PartSamples:
        """The samples at `positions` in the training part, as `epoch`, from 1, trains on them."""
        samples, augment = self.samples(self.train, positions), self.augment
        if augment is None:
            return samples
        targets = augment.targets(positions, epoch)
        return samples.changed(lambda x: augment(x, positions, epoch), targets)


def digest(arrays: Mapping[str, Array]) -> str:
    """SHA-256 over names, shapes, types and bytes of `arrays`, in their order."""
    total = hashlib.sha256()
    for name, array in arrays.items():
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        for start in range(0, len(array), 4096):
            total.update(np.ascontiguousarray(array[start : start + 4096]).data)
    return total.hexdigest()
