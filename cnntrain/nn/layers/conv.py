"""Convolution: each output is the inner product of a window of the input with a kernel."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from cnntrain import randomness
from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.execution.context import Context
from cnntrain.nn.initializers import INIT_ALSO, INIT_HELP, HeNormal, Init
from cnntrain.nn.layers.layer import Layer, Weights
from cnntrain.nn.shapes import Array, Shape, pair
from cnntrain.settings import setting
from cnntrain.settings.types import AList, AnInteger, AWord, Count, Size, Whole, from_list, tagged

Padding = Annotated[
    Annotated[Literal["valid", "same"], AWord]
    | Annotated[Whole, AnInteger]
    | Annotated[
        tuple[Whole, Whole, Whole, Whole],
        from_list,
        Field(title="a list [top, bottom, left, right]"),
        AList,
    ],
    tagged(),
]


class Conv(Layer):
    """Convolution with learned kernels.

    y[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u, j sw + v].

    x (C, H, W, n) -> y (F, oh, ow, n); weight (F, C, kh, kw), bias (F,).
    How the sum is computed is the engine's choice.
    """

    also = "conv2d convolution convolution2d convolutional"
    needs_images: ClassVar[bool] = True
    enlarging: ClassVar[tuple[str, ...]] = ("filters", "kernel", "padding")
    decayed: ClassVar[tuple[str, ...]] = ("weight",)

    type: Literal["conv"] = "conv"
    filters: Count = setting(
        "Number of kernels, which is the number of output channels.",
        also="channels numfilters numoutput nfilters outchannels",
    )
    kernel: Size = setting(
        "Height and width of a kernel in pixels; one number for both.",
        also="filtersize kernelsize ksize size",
    )
    stride: Size = setting(
        "Steps of the kernel down and to the right, in pixels.", 1, also="strides"
    )
    padding: Padding = setting(
        "Zeros around the image, in pixels: valid for none, same for ceil(size / stride) outputs, "
        "a number for all four sides, or each side.",
        "valid",
        also="pad",
    )
    bias: bool = setting("Whether each output channel has a bias.", True, also="usebias")
    init: Init = setting(INIT_HELP, HeNormal(), also=INIT_ALSO)

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        size, kernel, stride = shape[1:], pair(self.kernel), pair(self.stride)
        return Windows.of(size, kernel, stride, self.padding, "kernel")

    def output_shape(self, shape: Shape) -> Shape:
        return (self.filters, *self.windows(shape).output)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        windows, made = self.windows(shape), super().arrays(shape)
        if any(windows.padding):
            made["padded input"] = (shape[0], *windows.padded)
        if windows.kernel != (3, 3) or windows.stride != (1, 1):  # else Winograd's algorithm
            made["windows"] = (shape[0] * math.prod(windows.kernel), *windows.output)
        return made

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weight: dict[str, Shape] = {"weight": (self.filters, shape[0], *pair(self.kernel))}
        return {**weight, "bias": (self.filters,)} if self.bias else weight

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        if name == "bias":
            return np.zeros(shape)
        filters, channels, *kernel = shape
        area = math.prod(kernel)
        return self.init.weight(shape, channels * area, filters * area, *key)

    def flops(self, shape: Shape) -> int:
        outputs = math.prod(self.output_shape(shape))
        return outputs * (2 * shape[0] * math.prod(pair(self.kernel)) + self.bias)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        windows = self.windows(x.shape[:3])
        algorithm = context.choose(len(x), windows)
        y, cache = algorithm.forward(x, w["weight"], w.get("bias"), windows, context)
        return y, (x, cache, algorithm, windows) if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        _, cache, algorithm, windows = cache
        if self.bias:
            np.sum(dy.reshape(self.filters, -1), axis=1, out=dw["bias"])
        arrays = w["weight"], dw["weight"]
        dx: Array | None = algorithm.backward(dy, cache, *arrays, windows, context, need_dx)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = W dx + dW x + db: two convolutions, in scratch arrays of their own."""
        x, cache, algorithm, windows = cache
        by_x, by_w = context.aside("by x"), context.aside("by w")
        dy: Array = algorithm.forward(dx, w["weight"], None, windows, by_x)[0]
        dy += algorithm.forward(x, dw["weight"], dw.get("bias"), windows, by_w, cache)[0]
        return dy
