"""Rectified linear unit: the point function h(a) = max(0, a)."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.layers.base import Array, Call, Layer, Shape, Weights


class ReLU(Layer):
    """y = max(0, x), any shape.

    Its derivative is 1 for x > 0 and 0 for x < 0.  At 0 the note's appendix takes 1 ("for
    a >= 0"), which is the default; any value in [0, 1] is a subgradient.

    A radius r > 0 rounds out the cusp with a differentiable joint (Section 2 of the note):
    y = (x + r)^2 / 4r for |x| <= r, whose value and derivative are those of max(0, x) at the
    ends.  There is no kink then, and `derivative_at_zero` plays no part.
    """

    type = "relu"

    def __init__(self, derivative_at_zero: float = 1.0, radius: float = 0.0) -> None:
        self.derivative_at_zero, self.radius = derivative_at_zero, radius

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def flops(self, shape: Shape) -> int:
        return int(np.prod(shape))

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        if self.radius:
            return self._rounded(x, call)
        slope = self._derivative(x, call) if call.keep else None
        y = x if call.overwrite else call.array("y", x.shape, x.dtype)
        return x.clip(0, np.inf, out=y), slope  # a third of the time of np.maximum(x, 0)

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        dx: Array = np.multiply(dy, kept, out=dy)
        return dx

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = h'(x) dx, entry by entry."""
        return None if dx is None else np.multiply(dx, kept, out=dx)

    def decisions(self, x: Array) -> Array | None:
        return None if self.radius else np.asarray(np.sign(x))

    def _rounded(self, x: Array, call: Call) -> tuple[Array, Any]:
        """Values, and derivatives: (x + r) / 2r where |x| <= r, else those of max(0, x)."""
        slope = np.add(x, self.radius, out=call.array("slope", x.shape, x.dtype))
        slope /= 2 * self.radius
        np.clip(slope, 0, 1, out=slope)
        y = np.maximum(x, 0, out=call.array("y", x.shape, x.dtype))
        np.copyto(y, (x + self.radius) * slope / 2, where=np.abs(x) <= self.radius)
        return y, slope if call.keep else None

    def _derivative(self, x: Array, call: Call) -> Array:
        if self.derivative_at_zero == 1:
            return np.greater_equal(x, 0, out=call.array("slope", x.shape, bool))
        if self.derivative_at_zero == 0:
            return np.greater(x, 0, out=call.array("slope", x.shape, bool))
        value = np.asarray(self.derivative_at_zero, dtype=x.dtype)
        slope: Array = np.heaviside(x, value, out=call.array("slope", x.shape, x.dtype))
        return slope
