"""Dense layer: every output is a weighted sum of every input."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed
from cnntrain.nn.initializers import Init, initial_weight
from cnntrain.nn.layers.base import Array, Call, Layer, MisfitError, Shape, Weights, size_text


class Dense(Layer):
    """y = W x + b.   x (d, n) -> y (units, n); weight (units, d), bias (units,)."""

    type = "dense"

    def __init__(self, units: int, bias: bool = True, init: Init = "he_normal") -> None:
        self.units, self.bias, self.init = units, bias, init

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise MisfitError(
                f"a dense layer needs vectors, found images of {size_text(shape)} "
                "(put {type: flatten} before it)"
            )
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weight: dict[str, Shape] = {"weight": (self.units, shape[0])}
        return {**weight, "bias": (self.units,)} if self.bias else weight

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        if name == "bias":
            return np.zeros(shape)
        return initial_weight(self.init, shape, shape[1], shape[0], *key)

    def flops(self, shape: Shape) -> int:
        return self.units * (2 * shape[0] + (1 if self.bias else 0))

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        y = call.array("y", (self.units, x.shape[1]), x.dtype)
        multiply(w["weight"], x, y)
        if self.bias:
            y += w["bias"][:, None]
        return y, x if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        x = kept
        multiply_transposed(dy, x, dw["weight"])
        if self.bias:
            np.sum(dy, axis=1, out=dw["bias"])
        if not need_dx:
            return None
        dx = call.turn(dy, x.shape)
        multiply(w["weight"].T, dy, dx)
        return dx

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = W dx + dW x + db."""
        if dx is None and not dw:
            return None
        x = kept
        dy = call.array("dy", (self.units, x.shape[1]), x.dtype)
        dy[...] = 0 if dx is None else w["weight"] @ dx
        if dw:
            dy += dw["weight"] @ x
            if self.bias:
                dy += dw["bias"][:, None]
        return dy
