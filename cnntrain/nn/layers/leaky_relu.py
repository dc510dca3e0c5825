"""Leaky rectified linear unit: the point function h(x) = max(x, a x)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.layers.relu import HalfSteps
from cnntrain.nn.shapes import Array
from cnntrain.settings import setting
from cnntrain.settings.types import Share


class LeakyReLU(PointFunction):
    """Leaky rectified linear unit, x where x >= 0 and a small multiple of x below.

    y = max(x, a x) with the slope a on the left, any shape (Maas et al. 2013).

    h(0) = 0.  The derivative is 1 for x > 0 and a for x < 0; at 0 it is a + t (1 - a) with
    t = `derivative_at_zero`: as for relu that of the right side, 1, unless told otherwise.
    """

    also = "leaky leakyrectifiedlinear lrelu"
    operations = 2

    type: Literal["leaky_relu"] = "leaky_relu"
    slope: Share = setting("Derivative for x < 0.", 0.01, also="alpha leak negativeslope leakyness")
    derivative_at_zero: HalfSteps = setting(
        "Derivative taken at x = 0: 1 for that on the right, 0 for that on the left, 0.5 for their "
        "mean.",
        1.0,
    )

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        if slope is not None:
            side = (x >= 0) if self.derivative_at_zero == 1 else x > 0
            np.multiply(side, x.dtype.type(1 - self.slope), out=slope)
            slope += self.slope
            if self.derivative_at_zero == 0.5:
                np.copyto(slope, (1 + self.slope) / 2, where=x == 0)
        np.maximum(x, self.slope * x, out=y)

    def branches(self, x: Array) -> Array | None:
        return np.asarray(np.sign(x))
