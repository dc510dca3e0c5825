"""What pooling layers share: every output is a function of one window of one channel."""

from __future__ import annotations

import math

import numpy as np

from cnntrain.nn.layers.base import Array, Call, Layer, Shape, image_shape, pair
from cnntrain.nn.windows import Windows, windows


class Pool(Layer):
    """x (C, H, W, n) -> y (C, oh, ow, n), by windows of `window` = (height, width), `stride`
    apart; the stride is the window unless given."""

    type = "max_pool"

    def __init__(
        self, window: int | tuple[int, int], stride: int | tuple[int, int] | None = None
    ) -> None:
        self.window = pair(window)
        self.stride = self.window if stride is None else pair(stride)

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        _, height, width = image_shape("max-pooling", shape)
        return windows((height, width), self.window, self.stride, "valid", "window")

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *self.windows(shape).output)

    def outputs(self, shape: Shape) -> int:
        """The number of windows in all channels."""
        return math.prod(self.output_shape(shape))


def maximum(x: Array, view: Windows, name: str, call: Call) -> Array:
    """The largest entry of each window, in the scratch array `name`."""
    largest = call.array(name, (x.shape[0], *view.output, x.shape[3]), x.dtype)
    (rows, cols), *others = view.positions
    largest[...] = x[:, rows, cols]
    for rows, cols in others:
        np.maximum(largest, x[:, rows, cols], out=largest)
    return largest
