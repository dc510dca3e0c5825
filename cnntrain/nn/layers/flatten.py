"""Flatten: an image as a vector."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Layer, Weights
from cnntrain.nn.shapes import Array, Shape


class Flatten(Layer):
    """From images (H, W, C) to vectors, in the order (C, H, W).

    x (C, H, W, n) -> (C H W, n): channel by channel, row by row, as PyTorch orders them.
    """

    also = "reshape"
    owns_output: ClassVar[bool] = False

    type: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        return x.reshape(-1, x.shape[-1]), x.shape if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        return dy.reshape(cache)

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = dx, as vectors."""
        return dx.reshape(-1, dx.shape[-1])
