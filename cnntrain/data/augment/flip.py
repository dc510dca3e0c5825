"""Mirror images."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cnntrain.data.augment.augmentation import Array, Augmentation, Probability, Words, chosen
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError, Shape
from cnntrain.settings import setting


class Flip(Augmentation):
    """Some images are taken as their mirror image, signals from their end to their start.

    x'(i, j) = x(i, W - 1 - j), or x(H - 1 - i, j) where `axis` is vertical.

    Alternating: the first epoch decides at random, and each later one takes the opposite of the
    one before, so that any two epochs in a row show both images of every sample (Jordan, "94% on
    CIFAR-10 in 3.29 seconds on a single GPU", 2024).
    """

    also = "fliplr horizontalflip mirror randomflip randomhorizontalflip"
    draws: ClassVar[int] = 1

    type: Literal["flip"] = "flip"
    axis: Literal["horizontal", "vertical"] = setting(
        "horizontal changes left and right, or the ends of a signal; vertical top and bottom.",
        "horizontal",
        also="direction",
    )
    probability: Probability = setting(
        "Share of the samples that are flipped, in the first epoch where they alternate.",
        0.5,
        also="p prob",
    )
    alternating: bool = setting(
        "Whether only the first epoch decides at random, and every later one flips what the one "
        "before did not.",
        False,
        also="alternate",
    )

    def check_input(self, shape: Shape) -> None:
        """MisfitError also where a signal has no top and bottom."""
        super().check_input(shape)
        if self.axis == "vertical" and shape[0] == 1:
            raise MisfitError(
                "flip with axis: vertical needs images of two rows at least, found one row "
                "(horizontal flips signals)",
                "axis",
            )

    def drawn_in(self, epoch: int) -> int:
        return 1 if self.alternating else epoch

    def apply(self, x: Array, words: Words, epoch: int, part: Part) -> Array:
        flipped = chosen(words, self.probability)
        if self.alternating and epoch % 2 == 0:
            flipped = ~flipped
        along = 2 if self.axis == "horizontal" else 1
        backwards = np.arange(x.shape[along])[::-1]
        x[flipped] = x[flipped].take(backwards, axis=along)
        return x
