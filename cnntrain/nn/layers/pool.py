"""What pooling layers share: every output is a function of one window of one channel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.layers.base import Array, Call, Layer, Shape, image_shape, pair


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
        return Windows.of((height, width), self.window, self.stride, "valid", "window")

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *self.windows(shape).output)

    def outputs(self, shape: Shape) -> int:
        """The number of windows in all channels."""
        return math.prod(self.output_shape(shape))


def maximum(x: Array, windows: Windows, name: str, call: Call) -> Array:
    """The largest entry of each window, in the scratch array `name`: of each column of the window
    first, then of those."""
    channels, _, width, n = x.shape
    height, _ = windows.output
    tallest = call.scratch("tallest", (channels, height, width, n), x.dtype)
    _largest([x[:, rows] for rows in windows.rows], tallest)
    largest = call.array(name, (channels, *windows.output, n), x.dtype)
    _largest([tallest[:, :, columns] for columns in windows.columns], largest)
    return largest


def _largest(parts: Sequence[Array], out: Array) -> None:
    """The entry by entry maximum of one or more arrays."""
    first, *others = parts
    if not others:
        np.copyto(out, first)
    for number, other in enumerate(others):
        np.maximum(out if number else first, other, out=out)
