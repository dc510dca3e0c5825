"""Flatten: an image as a vector."""

from __future__ import annotations

import math
from typing import Any

from cnntrain.nn.layers.base import Array, Call, Layer, Shape, Weights


class Flatten(Layer):
    """x (C, H, W, n) -> (C H W, n): channel by channel, row by row, as PyTorch orders them."""

    type = "flatten"
    fresh = False

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        return x.reshape(-1, x.shape[-1]), x.shape if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        return dy.reshape(kept)

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = dx, as vectors."""
        return None if dx is None else dx.reshape(-1, dx.shape[-1])
