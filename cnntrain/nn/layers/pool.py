"""Pooling layers: every output is a function of one window of one channel."""

from __future__ import annotations

import math
from typing import ClassVar

from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.layers.layer import Layer
from cnntrain.nn.shapes import Shape, pair
from cnntrain.settings import setting
from cnntrain.settings.types import Size


class Pool(Layer):
    """x (C, H, W, n) -> y (C, oh, ow, n): each channel by itself, window by window."""

    needs_images: ClassVar[bool] = True

    window: Size = setting(
        "Height and width of a window in pixels; one number for both.",
        also="kernel kernelsize ksize poolsize size",
    )
    stride: Size = setting(
        "Steps of the window down and to the right, in pixels. Default: the window.",
        default_factory=lambda data: data["window"],
        also="strides",
    )

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        return Windows.of(shape[1:], pair(self.window), pair(self.stride), "valid", "window")

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *self.windows(shape).output)

    def window_area(self) -> int:
        """Entries of a window."""
        return math.prod(pair(self.window))
