"""Convolution as one product of matrices: the windows of the input laid out as columns.

Against the same sums in float64, the error of each entry of the output, of dl/dx and of dl/dW in
float32 stays below 1e-5 times the largest magnitude in that array, and below 1e-14 in float64
(tests/nn/test_convolutions.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed
from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array
from cnntrain.nn.windows import Windows


class Im2col:
    """W (F, C kh kw) times the windows as columns (C kh kw, oh ow n); the result is in the layout
    of the next layer.  Any kernel, stride, dilation and padding."""

    def forward(
        self,
        x: Array,
        weight: Array,
        bias: Array | None,
        windows: Windows,
        context: Context,
        cache: Any = None,
    ) -> tuple[Array, Any]:
        columns = _columns(x, windows, context) if cache is None else cache
        y = context.array("y", (len(weight), columns.shape[1]), x.dtype)
        multiply(_matrix(weight), columns, y)
        if bias is not None:
            y += bias[:, None]
        return y.reshape(len(weight), *windows.output, -1), columns if context.training else None

    def backward(
        self,
        dy: Array,
        cache: Any,
        weight: Array,
        dweight: Array,
        windows: Windows,
        context: Context,
        need_dx: bool,
    ) -> Array | None:
        columns, dy = cache, dy.reshape(len(weight), -1)
        multiply_transposed(dy, columns, _matrix(dweight))
        if not need_dx:
            return None
        # Reuse the columns' memory for the gradient with respect to them.
        multiply(_matrix(weight).T, dy, columns)
        channels = weight.shape[1]
        patches = columns.reshape(channels, *windows.kernel, *windows.output, -1)
        dx = context.grad_buffer(dy, (channels, *windows.padded, patches.shape[-1]))
        windows.add_up(patches, dx, context)
        return windows.crop(dx)


def _matrix(weight: Array) -> Array:
    """A view of W (F, C, kh, kw) as (F, C kh kw)."""
    return weight.reshape(len(weight), -1)


def _columns(x: Array, windows: Windows, context: Context) -> Array:
    """The windows of `x` as columns (C kh kw, oh ow n)."""
    patches = windows.patches(windows.pad(x, context))
    columns = context.array("columns", patches.shape, x.dtype)
    np.copyto(columns, patches)
    return columns.reshape(len(x) * len(windows.positions), -1)
