"""Rectified linear unit: the point function h(a) = max(0, a)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, WithJsonSchema

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Weights
from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.shapes import Array
from cnntrain.settings import setting
from cnntrain.settings.types import NotNegative


def _one_of_three(value: float) -> float:
    if value not in (0, 0.5, 1):
        raise ValueError("not one of 0, 0.5 and 1")
    return value


HalfSteps = Annotated[float, AfterValidator(_one_of_three), WithJsonSchema({"enum": [0, 0.5, 1]})]


class ReLU(PointFunction):
    """Rectified linear unit, max(0, x).

    y = max(0, x), any shape.

    Its derivative is 1 for x > 0 and 0 for x < 0.  At 0 the note's appendix takes 1 ("for
    a >= 0"), which is the default; any value in [0, 1] is a subgradient.

    A radius r > 0 rounds out the cusp with a differentiable joint (Section 2 of the note):
    y = (x + r)^2 / 4r for |x| <= r, whose value and derivative are those of max(0, x) at the
    ends.  There is no kink then, and `derivative_at_zero` plays no part.
    """

    type: Literal["relu"] = "relu"
    derivative_at_zero: HalfSteps = setting("Derivative taken at x = 0.", 1.0)
    radius: NotNegative = setting(
        "Round out the cusp: within this distance of 0 a parabola that joins smoothly.", 0.0
    )

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        if self.radius:
            return super().forward(x, w, context)
        slope = self._derivative(x, context) if context.training else None
        y = x if context.overwrite else context.array("y", x.shape, x.dtype)
        return x.clip(0, np.inf, out=y), slope  # a third of the time of np.maximum(x, 0)

    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        """With a joint: h' = (x + r) / 2r where |x| <= r, else as that of max(0, x)."""
        within, line = np.abs(x) <= self.radius, x + self.radius
        joint = np.clip(line / (2 * self.radius), 0, 1, out=slope)
        np.maximum(x, 0, out=y)
        np.copyto(y, line * joint / 2, where=within)

    def branches(self, x: Array) -> Array | None:
        return None if self.radius else np.asarray(np.sign(x))

    def _derivative(self, x: Array, context: Context) -> Array:
        if self.derivative_at_zero == 1:
            return np.greater_equal(x, 0, out=context.array("slope", x.shape, bool))
        if self.derivative_at_zero == 0:
            return np.greater(x, 0, out=context.array("slope", x.shape, bool))
        value = np.asarray(self.derivative_at_zero, dtype=x.dtype)
        slope: Array = np.heaviside(x, value, out=context.array("slope", x.shape, x.dtype))
        return slope
