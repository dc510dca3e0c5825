"""Convolution: each output is the inner product of a window of the input with a kernel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cnntrain import randomness
from cnntrain.nn.initializers import Init, initial_weight
from cnntrain.nn.layers.base import Array, Call, Layer, Shape, Weights, image_shape, pair
from cnntrain.nn.windows import Padding, Windows, windows


class Conv(Layer):
    """y[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u, j sw + v].

    x (C, H, W, n) -> y (F, oh, ow, n); weight (F, C, kh, kw), bias (F,).
    The sum is one product of matrices: W (F, C kh kw) times the windows of the input laid out
    as columns (C kh kw, oh ow n), whose result is in the layout of the next layer.
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
    ) -> None:
        self.filters, self.bias, self.init = filters, bias, init
        self.kernel, self.stride = pair(kernel), pair(stride)
        self.padding = padding if isinstance(padding, str | int) else tuple(padding)

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        _, height, width = image_shape("a convolution", shape)
        return windows((height, width), self.kernel, self.stride, self.padding)

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
        view, n = self.windows(x.shape[:3]), x.shape[3]
        columns = self._columns(x, view, "columns", call)
        y = call.array("y", (self.filters, columns.shape[1]), x.dtype)
        np.matmul(w["weight"].reshape(self.filters, -1), columns, out=y)
        if self.bias:
            y += w["bias"][:, None]
        kept = (columns, x.shape) if call.keep else None
        return y.reshape(self.filters, *view.output, n), kept

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        columns, (channels, height, width, n) = kept
        dy = dy.reshape(self.filters, -1)
        np.matmul(dy, columns.T, out=dw["weight"].reshape(self.filters, -1))
        if self.bias:
            np.sum(dy, axis=1, out=dw["bias"])
        if not need_dx:
            return None
        # The columns have served: their memory takes the gradient with respect to them.
        if call.reuse:
            columns = call.array("d_columns", columns.shape, dy.dtype)
        np.matmul(w["weight"].reshape(self.filters, -1).T, dy, out=columns)
        view = self.windows((channels, height, width))
        d_columns = columns.reshape(channels, len(view.positions), *view.output, n)
        dx = call.array("dx", (channels, *view.padded, n), dy.dtype)
        dx[...] = 0
        for q, (rows, cols) in enumerate(view.positions):
            dx[:, rows, cols] += d_columns[:, q]
        return view.crop(dx)

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = W dx + dW x + db, x and dx being the columns of the windows."""
        if dx is None and not dw:
            return None
        columns, (*shape, n) = kept
        view = self.windows(tuple(shape))
        dy = call.array("dy", (self.filters, columns.shape[1]), columns.dtype)
        if dx is None:
            dy[...] = 0
        else:
            d_columns = self._columns(dx, view, "d_columns", call)
            np.matmul(w["weight"].reshape(self.filters, -1), d_columns, out=dy)
        if dw:
            dy += dw["weight"].reshape(self.filters, -1) @ columns
            if self.bias:
                dy += dw["bias"][:, None]
        return dy.reshape(self.filters, *view.output, n)

    @staticmethod
    def _columns(x: Array, view: Windows, name: str, call: Call) -> Array:
        """The windows of `x` as columns (C kh kw, oh ow n), in the scratch array `name`."""
        channels, *_, n = x.shape
        padded = view.pad(x, call)
        columns = call.array(name, (channels, len(view.positions), *view.output, n), x.dtype)
        for q, (rows, cols) in enumerate(view.positions):
            columns[:, q] = padded[:, rows, cols]
        return columns.reshape(channels * len(view.positions), -1)
