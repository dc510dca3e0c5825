"""Point functions: layers that do the same to every entry, y = h(x) (appendix of the note)."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Layer, Weights
from cnntrain.nn.shapes import Array, Shape

CACHED = 2**15  # entries that stay in the cache with their intermediate results


class PointFunction(Layer):
    """y = h(x) entry by entry, any shape; the Jacobian is diagonal, dy_i / dx_i = h'(x_i).

    operations   of one entry, exp and tanh counting as one
    """

    keeps_shape: ClassVar[bool] = True
    operations: ClassVar[int] = 1

    @abstractmethod
    def evaluate(self, x: Array, y: Array, slope: Array | None) -> None:
        """Write h(x) into `y`, which may be `x`, and h'(x) into `slope`, unless it is None."""

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def flops(self, shape: Shape) -> int:
        return self.operations * math.prod(shape)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        y = x if context.overwrite else context.array("y", x.shape, x.dtype)
        slope = context.array("slope", x.shape, x.dtype) if context.training else None
        rows = max(CACHED // x[0].size, 1)
        for start in range(0, len(x), rows):
            part = slice(start, start + rows)
            self.evaluate(x[part], y[part], None if slope is None else slope[part])
        return y, slope

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        dx: Array = np.multiply(dy, cache, out=dy)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = h'(x) dx, entry by entry."""
        dy: Array = np.multiply(dx, cache, out=dx)
        return dy
