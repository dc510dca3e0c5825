"""Sigmoid linear unit: the point function h(x) = x s(x), s being the sigmoid."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.layers.sigmoid import sigmoids
from cnntrain.nn.shapes import Array


class SiLU(PointFunction):
    """Sigmoid linear unit or swish, x / (1 + exp(-x)).

    y = x s(x) with s(x) = 1 / (1 + exp(-x)), any shape (Elfwing et al. 2018).

    h(0) = 0 and h'(0) = 1/2.  The smallest value is -0.27846, at x = -1.27846; on the left h and
    h' tend to 0, on the right to x and 1.  h'(x) = s(x) + h(x) s(-x).
    """

    also = "swish"
    operations = 5

    type: Literal["silu"] = "silu"

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        here, opposite = sigmoids(x)
        np.multiply(x, here, out=y)
        if slope is not None:
            np.multiply(y, opposite, out=slope)
            slope += here
