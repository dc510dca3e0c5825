"""Soft-max: from real numbers to the soft-max simplex (Section 1 of the note)."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.layers.base import Array, Call, Layer, MisfitError, Shape, Weights, size_text


class Softmax(Layer):
    """p_c = exp(z_c) / sum over j of exp(z_j).   z (e, n) -> p (e, n), columns on the simplex.

    The largest z is subtracted first, which changes nothing and keeps exp from overflowing.
    """

    type = "softmax"
    fresh = False

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise MisfitError(
                f"soft-max needs vectors, found images of {size_text(shape)} "
                "(put {type: flatten} and a dense layer before it)"
            )
        return shape

    def flops(self, shape: Shape) -> int:
        return 4 * shape[0]

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        p = softmax(x)
        return p, p if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        return softmax_jacobian_product(kept, dy)

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dp = (diag(p) - p p^T) dz: the Jacobian is symmetric."""
        return None if dx is None else softmax_jacobian_product(kept, dx)


def softmax(z: Array) -> Array:
    """Soft-max over the first axis, finite for any finite z."""
    exponentials = np.exp(z - z.max(axis=0))
    result: Array = exponentials / exponentials.sum(axis=0)
    return result


def softmax_jacobian_product(p: Array, direction: Array) -> Array:
    """(diag(p) - p p^T) direction, column by column; a new array."""
    result: Array = p * (direction - np.sum(p * direction, axis=0))
    return result
