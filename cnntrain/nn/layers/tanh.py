"""Hyperbolic tangent: the point function from real numbers to (-1, 1)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.shapes import Array


class Tanh(PointFunction):
    """Hyperbolic tangent, between -1 and 1.

    y = tanh(x), any shape.

    h(0) = 0 and h'(0) = 1, the largest derivative; h'(x) = 1 - h(x)^2 tends to 0 on both sides,
    where h tends to -1 and 1.
    """

    also = "hyperbolictangent"

    type: Literal["tanh"] = "tanh"

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        np.tanh(x, out=y)
        if slope is not None:
            np.multiply(y, y, out=slope)
            np.subtract(1, slope, out=slope)
