"""Convolution as one product of matrices: the windows of the input laid out as columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.layers.base import Array, Call
from cnntrain.nn.products import multiply, multiply_transposed
from cnntrain.nn.windows import Windows


class Im2col:
    """W (F, C kh kw) times the windows as columns (C kh kw, oh ow n); the result is in the layout
    of the next layer.  Any kernel, stride and padding."""

    def forward(self, x: Array, weight: Array, view: Windows, call: Call) -> tuple[Array, Any]:
        columns = _columns(x, view, "columns", call)
        y = call.array("y", (len(weight), columns.shape[1]), x.dtype)
        multiply(_matrix(weight), columns, y)
        return y.reshape(len(weight), *view.output, -1), columns if call.keep else None

    def backward(
        self,
        dy: Array,
        kept: Any,
        weight: Array,
        dweight: Array,
        view: Windows,
        call: Call,
        need_dx: bool,
    ) -> Array | None:
        columns, dy = kept, dy.reshape(len(weight), -1)
        multiply_transposed(dy, columns, _matrix(dweight))
        if not need_dx:
            return None
        # The columns have served: their memory takes the gradient with respect to them.
        if call.reuse:
            columns = call.array("d_columns", columns.shape, dy.dtype)
        multiply(_matrix(weight).T, dy, columns)
        channels = weight.shape[1]
        d_columns = columns.reshape(channels, len(view.positions), *view.output, -1)
        dx = call.array("dx", (channels, *view.padded, d_columns.shape[-1]), dy.dtype)
        np.copyto(dx, 0)  # which lets other threads run, unlike an assignment
        for q, (rows, cols) in enumerate(view.positions):
            dx[:, rows, cols] += d_columns[:, q]
        return view.crop(dx)

    def jvp(
        self,
        dx: Array | None,
        kept: Any,
        weight: Array,
        dweight: Array | None,
        view: Windows,
        call: Call,
    ) -> Array:
        dy = call.array("dy", (len(weight), kept.shape[1]), kept.dtype)
        if dx is None:
            dy[...] = 0
        else:
            multiply(_matrix(weight), _columns(dx, view, "d_columns", call), dy)
        if dweight is not None:
            dy += _matrix(dweight) @ kept
        return dy.reshape(len(weight), *view.output, -1)


def _matrix(weight: Array) -> Array:
    """A view of W (F, C, kh, kw) as (F, C kh kw)."""
    return weight.reshape(len(weight), -1)


def _columns(x: Array, view: Windows, name: str, call: Call) -> Array:
    """The windows of `x` as columns (C kh kw, oh ow n), in the scratch array `name`."""
    channels, *_, n = x.shape
    padded = view.pad(x, call)
    columns = call.array(name, (channels, len(view.positions), *view.output, n), x.dtype)
    for q, (rows, cols) in enumerate(view.positions):
        columns[:, q] = padded[:, rows, cols]
    return columns.reshape(channels * len(view.positions), -1)
