"""Images with stronger or weaker colors."""

from __future__ import annotations

from typing import Literal

from cnntrain.data.augment.augmentation import Array
from cnntrain.data.augment.tones import Tones
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError, Shape


class Saturation(Tones):
    """Images get stronger or weaker colors; with amount [-1, -1] they become gray.

    x' = m + (1 + u) (x - m), m being the gray of the pixel, 0.299 red + 0.587 green + 0.114 blue
    (ITU-R BT.601).  Values stay within the range of the training part.
    """

    also = "colorjitter huesaturationvalue randomsaturation"

    type: Literal["saturation"] = "saturation"

    def check_input(self, shape: Shape) -> None:
        """MisfitError also where there are no colors."""
        super().check_input(shape)
        if shape[2] != 3:
            raise MisfitError(
                "saturation needs images of 3 channels (red, green, blue), found "
                f"{shape[2]} (leave it out)"
            )

    def kept(self, x: Array, part: Part) -> Array:
        gray: Array = 0.299 * x[..., 0] + 0.587 * x[..., 1] + 0.114 * x[..., 2]
        return gray[..., None]
