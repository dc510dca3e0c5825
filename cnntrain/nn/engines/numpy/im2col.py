"""Convolution as one product of matrices: the windows of the input laid out as columns.

Against the same sums in float64, the error of each entry of the output, of dl/dx and of dl/dW in
float32 stays below 1e-5 times the largest magnitude in that array, and below 1e-14 in float64
(tests/nn/test_convolutions.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed
from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.layers.base import Array, Call


class Im2col:
    """W (F, C kh kw) times the windows as columns (C kh kw, oh ow n); the result is in the layout
    of the next layer.  Any kernel, stride and padding."""

    def forward(
        self, x: Array, weight: Array, bias: Array | None, windows: Windows, call: Call
    ) -> tuple[Array, Any]:
        columns = _columns(x, windows, "columns", call)
        y = call.array("y", (len(weight), columns.shape[1]), x.dtype)
        multiply(_matrix(weight), columns, y)
        if bias is not None:
            y += bias[:, None]
        return y.reshape(len(weight), *windows.output, -1), columns if call.keep else None

    def backward(
        self,
        dy: Array,
        kept: Any,
        weight: Array,
        dweight: Array,
        windows: Windows,
        call: Call,
        need_dx: bool,
    ) -> Array | None:
        columns, dy = kept, dy.reshape(len(weight), -1)
        multiply_transposed(dy, columns, _matrix(dweight))
        if not need_dx:
            return None
        # The columns have served: their memory takes the gradient with respect to them.
        multiply(_matrix(weight).T, dy, columns)
        channels = weight.shape[1]
        patches = columns.reshape(channels, *windows.kernel, *windows.output, -1)
        dx = call.turn(dy, (channels, *windows.padded, patches.shape[-1]))
        windows.add_up(patches, dx, call)
        return windows.crop(dx)

    def jvp(
        self,
        dx: Array | None,
        kept: Any,
        weight: Array,
        dweight: Array | None,
        windows: Windows,
        call: Call,
    ) -> Array:
        dy = call.array("dy", (len(weight), kept.shape[1]), kept.dtype)
        if dx is None:
            np.copyto(dy, 0)
        else:
            multiply(_matrix(weight), _columns(dx, windows, "d_columns", call), dy)
        if dweight is not None:
            dy += _matrix(dweight) @ kept
        return dy.reshape(len(weight), *windows.output, -1)


def _matrix(weight: Array) -> Array:
    """A view of W (F, C, kh, kw) as (F, C kh kw)."""
    return weight.reshape(len(weight), -1)


def _columns(x: Array, windows: Windows, name: str, call: Call) -> Array:
    """The windows of `x` as columns (C kh kw, oh ow n), in the scratch array `name`."""
    patches = windows.patches(windows.pad(x, call))
    columns = call.array(name, patches.shape, x.dtype)
    np.copyto(columns, patches)
    return columns.reshape(len(x) * len(windows.positions), -1)
