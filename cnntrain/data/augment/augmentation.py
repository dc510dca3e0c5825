"""What an augmentation is: settings, and what becomes of training inputs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain.data.dataset import Part
from cnntrain.nn.shapes import MisfitError, Shape
from cnntrain.settings import Described

Array = NDArray[Any]
Words = NDArray[np.uint64]
Probability = Annotated[float, Field(ge=0, le=1)]


class Augmentation(Described):
    """One way to change training inputs at random, before they are standardised.

    What becomes of a sample depends on the seed, the epoch and its number in the training part:
    on no other sample, nor on how samples are put together in batches.

    draws   random words that it needs for each sample
    """

    draws: ClassVar[int]

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

    @abstractmethod
    def apply(self, x: Array, words: Words, epoch: int, part: Part) -> Array:
        """What becomes of some raw inputs in `epoch`, of the same shape and type.

        x       (n, H, W, C), which may be written to
        words   (n, draws), those of these samples
        part    the training part, for its mean and range
        """

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """How plain `values`, which may be wrong in other ways, do not fit together: the key at
        fault, or None for the section as a whole, and a message that goes on after its path."""
        yield from ()
