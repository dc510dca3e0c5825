"""Convolution: each output is the inner product of a window of the input with a kernel."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain import randomness
from cnntrain.nn.execution.context import Context
from cnntrain.nn.initializers import INIT_ALSO, INIT_HELP, HeNormal, Init
from cnntrain.nn.layers.layer import ParameterLayer, Weights
from cnntrain.nn.layers.windowed import Padding, windows_on
from cnntrain.nn.shapes import Array, MisfitError, Shape, pair
from cnntrain.nn.windows import Windows
from cnntrain.settings import setting
from cnntrain.settings.types import Count, Size


class Conv(ParameterLayer):
    """Convolution with learned kernels.

    y[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u dh, j sw + v dw].

    x (C, H, W, n) -> y (F, oh, ow, n); weight (F, C, kh, kw), bias (F,).
    With g groups, the first F / g filters see the first C / g channels only, and so on: weight
    (F, C / g, kh, kw), as in PyTorch, or (F, C / g, k) for signals (C, 1, L, n) with kernel [k].
    How the sum is computed is the engine's choice.
    """

    also = (
        "conv1d conv2d convolution convolution1d convolution2d convolutional depthwiseconv "
        "depthwiseconv2d"
    )
    needs_images: ClassVar[bool] = True
    enlarging: ClassVar[tuple[str, ...]] = ("filters", "kernel", "padding")
    decayed: ClassVar[tuple[str, ...]] = ("weight",)

    type: Literal["conv"] = "conv"
    filters: Count = setting(
        "Number of kernels, which is the number of output channels.",
        also="channels numfilters numoutput nfilters outchannels",
    )
    kernel: Size = setting(
        "Height and width of a kernel in pixels; one number for both; [length] for signals.",
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
    dilation: Size = setting(
        "How far apart neighbouring entries of a kernel lie on the image, down and to the right, "
        "in pixels.",
        1,
        also="atrous dilationrate dilations",
    )
    groups: Count = setting(
        "Number of groups of channels, each with filters of its own; as many as there are channels "
        "make a depthwise convolution.",
        1,
        also="cardinality group numgroups",
    )
    bias: bool = setting("Whether each output channel has a bias.", True, also="usebias")
    init: Init = setting(INIT_HELP, HeNormal(), also=INIT_ALSO)

    def windows(self, shape: Shape) -> Windows:
        """The windows on an input of `shape` (C, H, W)."""
        return windows_on(
            shape, self.kernel, "kernel", self.stride, self.padding, dilation=self.dilation
        )

    def check_input(self, shape: Shape) -> None:
        """MisfitError also where the groups do not divide channels or filters."""
        super().check_input(shape)
        for count, what in ((shape[0], "channels that reach it"), (self.filters, "filters")):
            if count % self.groups:
                raise MisfitError(
                    f"its {self.groups} groups do not divide the {count} {what} "
                    f"(groups: {math.gcd(shape[0], self.filters)}, or a divisor of that)",
                    "groups",
                )

    def output_shape(self, shape: Shape) -> Shape:
        return (self.filters, *self.windows(shape).output)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        windows, made = self.windows(shape), super().arrays(shape)
        if any(windows.padding):
            made["padded input"] = (shape[0], *windows.padded)
        small = windows.kernel == (3, 3) and windows.stride == (1, 1)  # for Winograd's algorithm
        if self.groups == 1 and not small:
            made["windows"] = (shape[0] * math.prod(windows.kernel), *windows.output)
        return made

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        channels = shape[0] // self.groups
        size = (self.kernel,) * 2 if isinstance(self.kernel, int) else self.kernel
        weight: dict[str, Shape] = {"weight": (self.filters, channels, *size)}
        return {**weight, "bias": (self.filters,)} if self.bias else weight

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        if name == "bias":
            return np.zeros(shape)
        filters, channels, *kernel = shape
        area = math.prod(kernel)
        return self.init.weight(shape, channels * area, filters // self.groups * area, *key)

    def flops(self, shape: Shape) -> int:
        outputs = math.prod(self.output_shape(shape))
        channels = shape[0] // self.groups
        return outputs * (2 * channels * math.prod(pair(self.kernel)) + self.bias)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        windows = self.windows(x.shape[:3])
        algorithm = context.choose(len(x), windows, self.groups)
        y, cache = algorithm.forward(x, self._kernels(w), w.get("bias"), windows, context)
        return y, (x, cache, algorithm, windows) if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        _, cache, algorithm, windows = cache
        if self.bias:
            np.sum(dy.reshape(self.filters, -1), axis=1, out=dw["bias"])
        arrays = self._kernels(w), self._kernels(dw)
        dx: Array | None = algorithm.backward(dy, cache, *arrays, windows, context, need_dx)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = W dx + dW x + db: two convolutions, in scratch arrays of their own."""
        x, cache, algorithm, windows = cache
        by_x, by_w = context.aside("by x"), context.aside("by w")
        dy: Array = algorithm.forward(dx, self._kernels(w), None, windows, by_x)[0]
        dy += algorithm.forward(x, self._kernels(dw), dw.get("bias"), windows, by_w, cache)[0]
        return dy

    def _kernels(self, w: Weights) -> Array:
        """A view of the weight as (F, C / g, kh, kw), for signals too."""
        weight = w["weight"]
        return weight.reshape(*weight.shape[:2], *pair(self.kernel))
