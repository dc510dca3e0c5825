"""Images turned about their centre."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain import randomness
from cnntrain.data.augment.amounts import around_zero
from cnntrain.data.augment.augmentation import Words
from cnntrain.data.augment.geometry import Geometric, about_centre
from cnntrain.elementary import cos_sin_turns
from cnntrain.nn.shapes import MisfitError, Shape
from cnntrain.settings import setting
from cnntrain.settings.types import AList, AReal, Range, from_integer, tagged

Turn = Annotated[float, Field(gt=0, le=180)]
Angle = Annotated[float, Field(ge=-180, le=180)]


class Rotate(Geometric):
    """Images are turned about their centre, by an angle that is drawn uniformly.

    x'(i, j) = x(s, t), with (s, t) the place that a turn by the angle, counter-clockwise, takes to
    (i, j): about the centre, s = cos(angle) i + sin(angle) j and t = cos(angle) j - sin(angle) i.
    """

    also = "randomaffine randomrotation rotation safarotate"
    draws: ClassVar[int] = 2
    ranges: ClassVar[tuple[str, ...]] = ("degrees",)

    type: Literal["rotate"] = "rotate"
    degrees: Annotated[
        Annotated[Turn, AReal] | Annotated[Range[Angle], AList], tagged(), from_integer
    ] = setting(
        "The largest angle in either direction, or [lowest, highest], counter-clockwise.",
        10.0,
        also="angle angles factor limit",
    )

    def check_input(self, shape: Shape) -> None:
        """MisfitError also for signals."""
        super().check_input(shape)
        if shape[0] == 1:
            raise MisfitError(
                "rotate needs images of two rows at least, found one row (leave it out)"
            )

    def maps(self, words: Words, height: int, width: int) -> NDArray[np.float64]:
        turns = around_zero(self.degrees, randomness.as_uniform(words[:, 0])) / 360
        cos, sin = cos_sin_turns(turns - np.floor(turns))
        return about_centre((cos, sin, -sin, cos), height, width)
