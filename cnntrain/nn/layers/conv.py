"""Convolution: each output is the inner product of a window of the input with a kernel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cnntrain import randomness
from cnntrain.nn.engines.numpy import Algorithm, choose
from cnntrain.nn.engines.numpy.windows import Padding, Windows
from cnntrain.nn.initializers import Init, initial_weight
from cnntrain.nn.layers.base import Array, Call, Layer, Shape, Weights, image_shape, pair


class Conv(Layer):
    """y[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u, j sw + v].

    x (C, H, W, n) -> y (F, oh, ow, n); weight (F, C, kh, kw), bias (F,).
    How the sum is computed is the business of `convolutions`; `algorithm` may name the way.
    """

    type = "conv"

    def __init__(
        self,
        filters: int,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: Padding = "valid",
        bias: bool = True,
        init: Init = "he_normal",
        algorithm: str = "auto",
    ) -> None:
        self.filters, self.bias, self.init, self.algorithm = filters, bias, init, algorithm
        self.kernel, self.stride = pair(kernel), pair(stride)
        self.padding = padding if isinstance(padding, str | int) else tuple(padding)

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        _, height, width = image_shape("a convolution", shape)
        return Windows.of((height, width), self.kernel, self.stride, self.padding, "kernel")

    def output_shape(self, shape: Shape) -> Shape:
        return (self.filters, *self.windows(shape).output)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weight: dict[str, Shape] = {"weight": (self.filters, shape[0], *self.kernel)}
        return {**weight, "bias": (self.filters,)} if self.bias else weight

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        if name == "bias":
            return np.zeros(shape)
        area = math.prod(self.kernel)
        return initial_weight(self.init, shape, shape[1] * area, shape[0] * area, *key)

    def flops(self, shape: Shape) -> int:
        outputs = math.prod(self.output_shape(shape))
        return outputs * (2 * shape[0] * math.prod(self.kernel) + (1 if self.bias else 0))

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        windows = self.windows(x.shape[:3])
        y, kept = self._algorithm(w).forward(x, w["weight"], w.get("bias"), windows, call)
        return y, (kept, windows) if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        kept, windows = kept
        if self.bias:
            np.sum(dy.reshape(self.filters, -1), axis=1, out=dw["bias"])
        arrays = w["weight"], dw["weight"]
        return self._algorithm(w).backward(dy, kept, *arrays, windows, call, need_dx)

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = W dx + dW x + db."""
        if dx is None and not dw:
            return None
        kept, windows = kept
        dy = self._algorithm(w).jvp(dx, kept, w["weight"], dw.get("weight"), windows, call)
        if dw and self.bias:
            dy += dw["bias"][:, None, None, None]
        return dy

    def _algorithm(self, w: Weights) -> Algorithm:
        return choose(self.algorithm, w["weight"].shape[1], self.kernel, self.stride)
