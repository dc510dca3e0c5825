"""Noise that is added to images."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np

from cnntrain import randomness
from cnntrain.data.augment.amounts import Fraction, between
from cnntrain.data.augment.augmentation import Array, Sometimes, Words, stored
from cnntrain.data.augment.tones import within
from cnntrain.data.part import Part
from cnntrain.nn.engines.normals import normals_from
from cnntrain.settings import setting
from cnntrain.settings.types import RealOrRange, from_integer, tagged


class Noise(Sometimes):
    """Gaussian noise is added to every value, independently.

    x' = x + s R n, with n from a normal distribution of mean 0 and standard deviation 1, and R the
    range of the training part, from its smallest value to the largest; s is a number, or drawn
    uniformly for each image.  Values stay within that range; whole inputs are rounded.
    """

    also = "gaussiannoise gaussnoise randomgaussiannoise"
    draws: ClassVar[int] = 3
    ranges: ClassVar[tuple[str, ...]] = ("deviation",)

    type: Literal["noise"] = "noise"
    deviation: Annotated[RealOrRange[Fraction], tagged(), from_integer] = setting(
        "Its standard deviation as a share of the range, or [lowest, highest].",
        0.1,
        also="sigma std stddev stdrange varlimit",
    )

    def changed(self, x: Array, words: Words, part: Part) -> Array:
        span = part.input_range.maximum - part.input_range.minimum
        deviations = span * between(self.deviation, randomness.as_uniform(words[:, 0]))
        values = normals_from(words[:, 1], x[0].size)
        values *= np.broadcast_to(deviations, len(x))[:, None]
        values = values.reshape(x.shape)
        values += x
        return stored(within(values, part), x)
