"""Images moved by some pixels."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain import randomness
from cnntrain.data.augment.augmentation import Words
from cnntrain.data.augment.geometry import Geometric
from cnntrain.nn.shapes import MisfitError, Shape
from cnntrain.settings import setting
from cnntrain.settings.types import AList, AnInteger, Count, Whole, from_list, tagged

Distances = Annotated[
    tuple[Whole, ...],
    Field(min_length=1, max_length=2, title="a list [down, across] or [along]"),
    from_list,
]


class Shift(Geometric):
    """Images are moved up or down and left or right by a whole number of pixels, signals along; all
    distances up to `pixels` are equally likely.

    x'(i, j) = x(i - u, j - v), with u and v from -pixels to pixels: the same as to pad an image on
    all sides and to crop it (He et al., "Deep residual learning for image recognition", 2016, with
    4 pixels on images of 32 x 32).
    """

    also = "padandcrop randomcrop randomtranslation randomshift shiftscalerotate translate"
    draws: ClassVar[int] = 3

    type: Literal["shift"] = "shift"
    pixels: Annotated[Annotated[Count, AnInteger] | Annotated[Distances, AList], tagged()] = (
        setting(
            "The largest distance; one number for both directions; [along] for signals.",
            2,
            also="distance heightfactor offset padding shift translate",
        )
    )

    def check_input(self, shape: Shape) -> None:
        """MisfitError also where an image could be moved out of sight."""
        super().check_input(shape)
        down, across = self._distances(shape[0])
        if down >= shape[0] or across >= shape[1]:
            there = f"{shape[0]}x{shape[1]} pixels" if shape[0] > 1 else f"{shape[1]} steps"
            raise MisfitError(
                f"shift by {down}x{across} pixels needs larger inputs, found {there} (reduce it)",
                "pixels",
            )

    def maps(self, words: Words, height: int, width: int) -> NDArray[np.float64]:
        result = np.tile([1.0, 0, 0, 0, 1, 0], (len(words), 1))
        for column, word, most in zip((2, 5), words.T, self._distances(height), strict=True):
            result[:, column] = most - randomness.as_index(word, 2 * most + 1)
        return result

    def _distances(self, height: int) -> tuple[int, int]:
        """`pixels` as down and across, for an image with so many rows; a signal has one."""
        if isinstance(self.pixels, int):
            return (0 if height == 1 else self.pixels), self.pixels
        down, across = (0, *self.pixels)[-2:]
        return down, across
