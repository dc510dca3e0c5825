"""What an augmentation is: settings, and what becomes of training inputs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain import randomness
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError, Shape
from cnntrain.settings import Described, setting

Array = NDArray[Any]
Words = NDArray[np.uint64]
Probability = Annotated[float, Field(ge=0, le=1)]


class RandomChange(Described):
    """One way to change training samples at random, before they are standardised.

    What becomes of a sample depends on the seed, the epoch and its number in the training part:
    on no other sample of its batch.

    draws    random words that it needs for each sample
    ranges   settings that may be a list [lowest, highest]
    """

    draws: ClassVar[int]
    ranges: ClassVar[tuple[str, ...]] = ()

    def check_input(self, shape: Shape) -> None:
        """MisfitError where it cannot work on samples of `shape`, (H, W, C) or (d,)."""
        if len(shape) != 3:
            raise MisfitError(
                f"{self.word()} needs images or signals, found vectors of {shape[0]} entries "
                "(leave it out, or store images)"
            )

    def drawn_in(self, epoch: int) -> int:
        """The epoch whose random words decide in `epoch`."""
        return epoch

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """How plain `values`, which may be wrong in other ways, do not fit together: the key at
        fault, or None for the section as a whole, and a message that goes on after its path."""
        for key in cls.ranges:
            match values.get(key):
                case [int() | float() as low, int() | float() as high] if low > high:
                    yield key, f"from {low:g} to {high:g}, expected [lowest, highest]"


class Augmentation(RandomChange):
    """One that changes each sample by itself."""

    @abstractmethod
    def apply(self, x: Array, words: Words, epoch: int, part: Part) -> Array:
        """What becomes of some raw inputs in `epoch`, of the same shape and type.

        x       (n, H, W, C), which may be written to
        words   (n, draws), those of these samples
        part    the training part, for its mean and range
        """


class Sometimes(Augmentation):
    """One that leaves some samples as they are, by chance: the first word of each decides."""

    shared: ClassVar[tuple[str, ...]] = ("probability",)

    probability: Probability = setting("Share of the samples that are changed.", 1.0, also="p prob")

    def apply(self, x: Array, words: Words, epoch: int, part: Part) -> Array:
        some = chosen(words, self.probability)
        if some.all():
            return self.changed(x, words[:, 1:], part)
        if some.any():
            x[some] = self.changed(x[some], words[some, 1:], part)
        return x

    @abstractmethod
    def changed(self, x: Array, words: Words, part: Part) -> Array:
        """What becomes of the samples that are changed, given their other words."""


def chosen(words: Words, probability: float) -> NDArray[np.bool_]:
    """Whether the first word of each sample says that something is done to it."""
    return randomness.as_uniform(words[:, 0]) <= probability


def stored(values: Array, x: Array) -> Array:
    """Real numbers in the type of the inputs `x`: whole ones are rounded, halves to even."""
    return (np.rint(values) if x.dtype.kind == "u" else values).astype(x.dtype, copy=False)
