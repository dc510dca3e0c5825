"""Images with more or less contrast."""

from __future__ import annotations

from typing import Literal

from cnntrain.data.augment.augmentation import Array
from cnntrain.data.augment.tones import Tones
from cnntrain.data.part import Part


class Contrast(Tones):
    """Images get more or less contrast: values move from their mean, or towards it.

    x' = m + (1 + u) (x - m), m being the mean of the image over all pixels and channels.  Values
    stay within the range of the training part.
    """

    also = "colorjitter randomcontrast"

    type: Literal["contrast"] = "contrast"

    def kept(self, x: Array, part: Part) -> Array:
        means: Array = x.reshape(len(x), -1).mean(axis=1)
        return means[:, None, None, None]
