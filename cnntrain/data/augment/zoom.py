"""Images made larger or smaller about their centre."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain import randomness
from cnntrain.data.augment.amounts import around_zero
from cnntrain.data.augment.augmentation import Words
from cnntrain.data.augment.geometry import Geometric, about_centre
from cnntrain.settings import setting
from cnntrain.settings.types import AList, AReal, Range, from_integer, tagged

Percent = Annotated[float, Field(gt=0, le=90)]
PercentChange = Annotated[float, Field(ge=-90, le=1000)]


class Zoom(Geometric):
    """What an image shows becomes larger or smaller about its centre, by a factor that is drawn
    uniformly; signals are stretched.

    x'(i, j) = x(i / z, j / z), with i and j from the centre on and z = 1 + u / 100 for u per cent.
    """

    also = "randomscale randomzoom rescale scale"
    draws: ClassVar[int] = 2
    ranges: ClassVar[tuple[str, ...]] = ("percent",)

    type: Literal["zoom"] = "zoom"
    percent: Annotated[
        Annotated[Percent, AReal] | Annotated[Range[PercentChange], AList],
        tagged(),
        from_integer,
    ] = setting(
        "By how much at most, either way, or [lowest, highest]: above 0 larger, below smaller.",
        10.0,
        also="factor scale scalelimit",
    )

    def maps(self, words: Words, height: int, width: int) -> NDArray[np.float64]:
        larger = around_zero(self.percent, randomness.as_uniform(words[:, 0]))
        step = 1 / (1 + larger / 100)
        return about_centre((step, 0, 0, step), height, width)
