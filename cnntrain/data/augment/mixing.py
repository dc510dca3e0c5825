"""What augmentations are that make one sample of two, and a mixture of their labels."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain import randomness
from cnntrain.data.augment.augmentation import Array, Probability, RandomChange, Words, chosen
from cnntrain.nn.shapes import Shape
from cnntrain.settings import setting

Alpha = Annotated[float, Field(gt=0, le=1000)]


class Mixing(RandomChange):
    """One that puts another sample of the training part, its partner, into a sample.

    Of a sample a share remains, of its inputs and of its label alike.  The partner is any other
    sample, all equally likely, as the augmentations before have left it in this epoch.

    The words of a sample: whether it is mixed, with which partner, two for the share, and those
    that a kind needs beside.
    """

    draws: ClassVar[int] = 4
    shared: ClassVar[tuple[str, ...]] = ("probability",)

    alpha: Alpha
    probability: Probability = setting("Share of the samples that are mixed.", 1.0, also="p prob")

    def mixed(self, words: Words) -> NDArray[np.bool_]:
        """Which of the samples, (n,)."""
        return chosen(words, self.probability)

    def partners(self, words: Words, positions: Array, count: int) -> NDArray[Any]:
        """The positions of their partners in a part of `count` samples; the only one has itself."""
        if count == 1:
            return positions
        further = 1 + randomness.as_index(words[:, 1], count - 1)
        return (positions + further) % count

    def _drawn_shares(self, words: Words) -> Array:
        """From a beta distribution: lambda ~ Beta(alpha, alpha)."""
        return randomness.as_symmetric_beta(words[:, 2:4], self.alpha)

    @abstractmethod
    def shares(self, words: Words, shape: Shape) -> Array:
        """What remains of each sample of `shape`, (n,) from 0 to 1."""

    @abstractmethod
    def mix(self, x: Array, others: Array, words: Words) -> Array:
        """Raw inputs with those of their partners in them, of the same shape and type; `x` may be
        written to."""


def weighted(share: Array, one: Array, other: Array) -> Array:
    """share one + (1 - share) other, with a share for each row; exact where the two are equal."""
    of_rows = share.reshape(-1, *[1] * (one.ndim - 1))
    mean: Array = other + of_rows * (one - other)
    return mean
