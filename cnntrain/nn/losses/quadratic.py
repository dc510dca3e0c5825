"""The quadratic loss, for real numbers or classes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.losses.loss import Loss
from cnntrain.nn.shapes import Array


class Quadratic(Loss):
    """The sum of squared differences, for real numbers or classes.

    l(y, y') = ||y - y'||^2, without a half; class labels stand for their one-hot encoding, and
    mixed ones for their shares.
    """

    also = "l2loss meansquarederror mse mseloss squared squarederror"

    type: Literal["quadratic"] = "quadratic"

    def values(self, output: Array, y: Array) -> Array:
        result: Array = np.sum(np.square(output - _targets(output, y)), axis=0)
        return result

    def gradient(self, output: Array, y: Array) -> Array:
        result: Array = 2 * (output - _targets(output, y))
        return result

    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H = 2 I."""
        return 2 * direction


def one_hot(y: Array, classes: int) -> Array:
    """q(y) as the columns of a (classes, n) array."""
    return np.asarray(np.arange(classes)[:, None] == y)


def _targets(output: Array, y: Array) -> Array:
    """The targets, a sample a column."""
    columns = y.T if y.ndim == 2 else one_hot(y, len(output))
    return columns.astype(output.dtype, copy=False)
