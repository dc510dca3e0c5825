"""Soft-max: from real numbers to the soft-max simplex (Section 1 of the note)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Layer, Weights
from cnntrain.nn.shapes import Array, Shape


class Softmax(Layer):
    """Soft-max: outputs are positive and sum to 1. Only as the last layer.

    p_c = exp(z_c) / sum over j of exp(z_j).   z (e, n) -> p (e, n), columns on the simplex.

    The largest z is subtracted first, which changes nothing and keeps exp from overflowing.
    """

    needs_vectors: ClassVar[bool] = True
    keeps_shape: ClassVar[bool] = True
    outputs_probabilities: ClassVar[bool] = True
    owns_output: ClassVar[bool] = False

    type: Literal["softmax"] = "softmax"

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def flops(self, shape: Shape) -> int:
        return 4 * shape[0]

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        p = softmax(x)
        return p, p if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        return softmax_jacobian_product(cache, dy)

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dp = (diag(p) - p p^T) dz: the Jacobian is symmetric."""
        return softmax_jacobian_product(cache, dx)


def softmax(z: Array) -> Array:
    """Soft-max over the first axis, finite for any finite z."""
    exponentials = np.exp(z - z.max(axis=0))
    result: Array = exponentials / exponentials.sum(axis=0)
    return result


def softmax_jacobian_product(p: Array, direction: Array) -> Array:
    """(diag(p) - p p^T) direction, column by column; a new array."""
    result: Array = p * (direction - np.sum(p * direction, axis=0))
    return result
