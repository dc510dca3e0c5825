"""Images made brighter or darker."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.data.augment.augmentation import Array
from cnntrain.data.augment.tones import Tones
from cnntrain.data.part import Part


class Brightness(Tones):
    """Images become brighter or darker; signals louder or softer, where they begin at 0.

    x' = m + (1 + u) (x - m), m being the smallest value of the training part, which stays: 0 for
    most pictures, and x' = (1 + u) x (ColorJitter of torchvision).  Values stay within the range of
    the training part.
    """

    also = "colorjitter randombrightness randombrightnesscontrast"

    type: Literal["brightness"] = "brightness"

    def kept(self, x: Array, part: Part) -> Array:
        return np.array(part.input_range.minimum)
