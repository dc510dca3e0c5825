"""Sigmoid: the point function from real numbers to (0, 1)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.shapes import Array


class Sigmoid(PointFunction):
    """Logistic sigmoid, 1 / (1 + exp(-x)): each entry by itself between 0 and 1.

    y = s(x) = 1 / (1 + exp(-x)), any shape.  Outputs do not sum to 1: for classes, end in softmax.

    h(0) = 1/2 and h'(0) = 1/4, the largest derivative; h'(x) = s(x) s(-x) tends to 0 on both
    sides, where h tends to 0 and 1.
    """

    also = "logistic logisticsigmoid logsig"
    operations = 4

    type: Literal["sigmoid"] = "sigmoid"

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        here, opposite = sigmoids(x)
        np.copyto(y, here)
        if slope is not None:
            np.multiply(here, opposite, out=slope)


def sigmoids(x: Array) -> tuple[Array, Array]:
    """s(x) and s(-x) = 1 - s(x), each to within a few units in the last place.

    Of exp(x) and exp(-x) the one that is at most 1 is taken, with 1 in the place of the other, so
    that nothing overflows: s(x) is exp(x) / (1 + exp(x)) on the left, 1 / (1 + exp(-x)) on the
    right.
    """
    here, opposite = np.exp(np.minimum(x, 0)), np.exp(-np.maximum(x, 0))
    total = here * opposite
    total += 1
    here /= total
    opposite /= total
    return here, opposite
