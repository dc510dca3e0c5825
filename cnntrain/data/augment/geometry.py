"""What augmentations are that take each pixel from another place of the image."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.augment.augmentation import Array, Sometimes, Words, stored
from cnntrain.data.part import Part
from cnntrain.nn.engines.resampling import resample
from cnntrain.settings import setting

Fill = Literal["edge", "reflect", "mean", "zero"]


class Geometric(Sometimes):
    """One that moves images: x'(i, j) = x(s, t) with s = a i + b j + c and t = d i + e j + f.

    Between pixels x is interpolated, by a straight line in either direction (bilinear); whole
    inputs are rounded.  Signals are images of one row.
    """

    shared: ClassVar[tuple[str, ...]] = ("fill", "probability")

    fill: Fill = setting(
        "What is beyond the edges: their pixels again, the image mirrored at them (reflect), the "
        "mean of the training part by channel, or zero.",
        "edge",
        also="border bordermode fillmode mode padding paddingmode",
    )

    def changed(self, x: Array, words: Words, part: Part) -> Array:
        color = part.channel_means if self.fill == "mean" else np.zeros(x.shape[-1])
        beyond = self.fill if self.fill in ("edge", "reflect") else stored(color, x)
        return resample(x, self.maps(words, *x.shape[1:3]), beyond)

    @abstractmethod
    def maps(self, words: Words, height: int, width: int) -> NDArray[np.float64]:
        """a, b, c, d, e and f for each sample, (n, 6)."""


def about_centre(
    matrices: tuple[Any, Any, Any, Any], height: int, width: int
) -> NDArray[np.float64]:
    """The maps (n, 6) that leave the centre of the image where it is, given a, b, d and e."""
    a, b, d, e = np.broadcast_arrays(*map(np.atleast_1d, matrices))
    i, j = (height - 1) / 2, (width - 1) / 2
    return np.stack([a, b, i - a * i - b * j, d, e, j - d * i - e * j], axis=1)
