"""Rectified linear unit: the point function h(a) = max(0, a)."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.layers.base import Array, Call, Layer, Shape, Weights


class ReLU(Layer):
    """y = max(0, x), any shape.

    Its derivative is 1 for x > 0 and 0 for x < 0.  At 0 the note's appendix takes 1 ("for
    a >= 0"), which is the default; any value in [0, 1] is a subgradient.
    """

    type = "relu"

    def __init__(self, derivative_at_zero: float = 1.0) -> None:
        self.derivative_at_zero = derivative_at_zero

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def flops(self, shape: Shape) -> int:
        return int(np.prod(shape))

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        y = np.maximum(x, 0, out=call.array("y", x.shape, x.dtype))
        return y, self._derivative(x, call) if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        dx: Array = np.multiply(dy, kept, out=dy)
        return dx

    def decisions(self, x: Array) -> Array:
        return np.asarray(np.sign(x))

    def _derivative(self, x: Array, call: Call) -> Array:
        if self.derivative_at_zero == 1:
            return np.greater_equal(x, 0, out=call.array("slope", x.shape, bool))
        if self.derivative_at_zero == 0:
            return np.greater(x, 0, out=call.array("slope", x.shape, bool))
        value = np.asarray(self.derivative_at_zero, dtype=x.dtype)
        slope: Array = np.heaviside(x, value, out=call.array("slope", x.shape, x.dtype))
        return slope
