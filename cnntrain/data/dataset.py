"""A data set: the parts that it is split into, and how training and measuring take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from cnntrain.data.examples import PARTS, digest
from cnntrain.data.part import Part, PartSamples
from cnntrain.data.standardize import Standardizer
from cnntrain.errors import DataError, UsageError
from cnntrain.text import printable

Array = NDArray[Any]


class Augment(Protocol):
    """What training makes of samples at some positions (n,) of the training part in an epoch."""

    def __call__(self, x: Array, positions: Array, epoch: int) -> Array:
        """Of their raw inputs x (n, ...), which may be written to."""
        ...

    def targets(self, positions: Array, epoch: int) -> Array:
        """Of their labels or targets."""
        ...


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
