"""Dense layer: every output is a weighted sum of every input."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed
from cnntrain.nn.execution.context import Context
from cnntrain.nn.initializers import INIT_ALSO, INIT_HELP, HeNormal, Init
from cnntrain.nn.layers.layer import ParameterLayer, Weights
from cnntrain.nn.shapes import Array, Shape
from cnntrain.settings import setting
from cnntrain.settings.types import Count


class Dense(ParameterLayer):
    """Fully connected layer.

    y = W x + b.   x (d, n) -> y (units, n); weight (units, d), bias (units,).
    """

    also = "affine fc fullyconnected innerproduct linear"
    needs_vectors: ClassVar[bool] = True
    outputs_key: ClassVar[str] = "units"
    enlarging: ClassVar[tuple[str, ...]] = ("units",)
    decayed: ClassVar[tuple[str, ...]] = ("weight",)

    type: Literal["dense"] = "dense"
    units: Count = setting(
        "Number of outputs.", also="features neurons numoutput numoutputs outfeatures outputs"
    )
    bias: bool = setting("Whether each output has a bias.", True, also="usebias")
    init: Init = setting(INIT_HELP, HeNormal(), also=INIT_ALSO)

    def output_shape(self, shape: Shape) -> Shape:
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weight: dict[str, Shape] = {"weight": (self.units, shape[0])}
        return {**weight, "bias": (self.units,)} if self.bias else weight

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        if name == "bias":
            return np.zeros(shape)
        units, inputs = shape
        return self.init.weight(shape, inputs, units, *key)

    def flops(self, shape: Shape) -> int:
        return self.units * (2 * shape[0] + self.bias)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        y = context.array("y", (self.units, x.shape[1]), x.dtype)
        multiply(w["weight"], x, y)
        if self.bias:
            y += w["bias"][:, None]
        return y, x if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        x = cache
        multiply_transposed(dy, x, dw["weight"])
        if self.bias:
            np.sum(dy, axis=1, out=dw["bias"])
        if not need_dx:
            return None
        dx = context.grad_buffer(dy, x.shape)
        multiply(w["weight"].T, dy, dx)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = W dx + dW x + db."""
        x = cache
        dy = w["weight"] @ dx
        dy += dw["weight"] @ x
        if self.bias:
            dy += dw["bias"][:, None]
        return dy
