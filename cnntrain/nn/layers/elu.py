"""Exponential linear unit: the point function that is x on the right and bounded on the left."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.shapes import Array
from cnntrain.settings import setting
from cnntrain.settings.types import Positive


class ELU(PointFunction):
    """Exponential linear unit, x where x >= 0 and alpha (exp(x) - 1) below.

    y = x for x >= 0, alpha (exp(x) - 1) for x < 0, any shape (Clevert et al. 2016).

    h(0) = 0, and h tends to -alpha on the left.  The derivative is 1 for x > 0 and alpha exp(x)
    for x < 0; at 0 it is that of the right side, 1, which for alpha = 1 is that of both sides.
    """

    also = "exponentiallinear exponentiallinearunit"
    operations = 4

    type: Literal["elu"] = "elu"
    alpha: Positive = setting("What -y tends to on the left.", 1.0)

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        below = np.expm1(np.minimum(x, 0))
        if slope is not None:
            np.add(below, 1, out=slope)
            if self.alpha != 1:
                slope *= 1 + (x < 0) * x.dtype.type(self.alpha - 1)
        below *= self.alpha
        np.maximum(x, 0, out=y)
        y += below

    def branches(self, x: Array) -> Array | None:
        return None if self.alpha == 1 else np.asarray(np.sign(x))
