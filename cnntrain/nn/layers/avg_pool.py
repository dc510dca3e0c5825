"""Average pooling: each output is the mean of a window of the input."""

from __future__ import annotations

import math
from typing import Any, Literal

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.layer import Weights
from cnntrain.nn.layers.pool import Pool
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows


class AvgPool(Pool):
    """The mean of each window.

    y[c, i, j] = sum over the window P(i, j) of x[c] / |P(i, j)|.
    x (C, H, W, n) -> y (C, oh, ow, n).

    Padding counts for nothing: at an edge the mean is over those entries that are in the image, as
    in TensorFlow, in ONNX by default, and in PyTorch with `count_include_pad=False`.
    """

    also = (
        "averagepool averagepool2d averagepooling averagepooling1d averagepooling2d avgpool "
        "avgpool1d avgpool2d avgpooling avgpooling2d meanpool meanpooling adaptiveavgpool2d gap "
        "globalavgpool globalavgpool2d globalaveragepool globalaveragepooling "
        "globalaveragepooling2d"
    )

    type: Literal["avg_pool"] = "avg_pool"

    def flops(self, shape: Shape) -> int:
        return math.prod(self.output_shape(shape)) * self.window_area(shape)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        windows = self.windows(x.shape[:3])
        return self._means(x, windows, context), windows if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        windows: Windows = cache
        dx = context.grad_buffer(dy, (len(dy), *windows.padded, dy.shape[-1]))
        dy /= windows.counts.astype(dy.dtype)
        windows.spread(dy, dx, context)
        return windows.crop(dx)

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """The means of dx: y is linear in x."""
        return self._means(dx, cache, context.aside("by x"))

    def _means(self, x: Array, windows: Windows, context: Context) -> Array:
        y = windows.total(windows.pad(x, context), "y", context)
        y /= windows.counts.astype(y.dtype)
        return y
