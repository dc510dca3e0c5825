"""Parts of images, enlarged to the size of the whole."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.data.augment.amounts import Fraction, heights
from cnntrain.data.augment.augmentation import Words
from cnntrain.data.augment.geometry import Geometric
from cnntrain.settings import setting
from cnntrain.settings.types import Positive, RealOrRange, from_integer, tagged


class Crop(Geometric):
    """A rectangle of the image, anywhere in it, is enlarged to the size of the image; of a signal a
    stretch.

    x'(i, j) = x(top + (i + 1/2) h / H - 1/2, left + (j + 1/2) w / W - 1/2) for a rectangle of h x w
    of the H x W: h = sqrt(f H W r) and w = f H W / h for a share f of the area and a ratio r, h
    such that both fit into the image (the random resized crop of Szegedy et al., "Going deeper with
    convolutions", 2015, who take shares from 0.08 on of large photographs).
    """

    also = "randomresizedcrop resizedcrop"
    draws: ClassVar[int] = 5
    ranges: ClassVar[tuple[str, ...]] = ("scale", "ratio")

    type: Literal["crop"] = "crop"
    scale: Annotated[RealOrRange[Fraction], tagged(), from_integer] = setting(
        "Area of the rectangle as a share of the image's, or [lowest, highest].",
        (0.5, 1.0),
        also="area fraction share size",
    )
    ratio: Annotated[RealOrRange[Positive], tagged(), from_integer] = setting(
        "Height by width of the rectangle, or [lowest, highest].",
        (0.75, 1.33),
        also="aspect aspectratio",
    )

    def maps(self, words: Words, height: int, width: int) -> NDArray[np.float64]:
        u = randomness.as_uniform(words)
        high, area = heights(self.scale, self.ratio, u[:, :2], height, width)
        wide = area / high
        top, left = u[:, 2] * (height - high), u[:, 3] * (width - wide)
        a, e, none = high / height, wide / width, np.zeros(len(u))
        return np.stack([a, none, top + a / 2 - 0.5, none, e, left + e / 2 - 0.5], axis=1)
