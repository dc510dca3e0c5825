"""What every algorithm for convolutions computes."""

from __future__ import annotations

from typing import Any, Protocol

from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.layers.base import Array, Call


class Algorithm(Protocol):
    """y[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u, j sw + v], and its
    derivatives.

    x (C, H, W, n), weight (F, C, kh, kw), bias (F,) or None, y (F, oh, ow, n); x is padded as
    `windows` says.
    """

    def forward(
        self, x: Array, weight: Array, bias: Array | None, windows: Windows, call: Call
    ) -> tuple[Array, Any]:
        """y, and what the other two need (None unless `call.keep`)."""

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
        """Equations 2 and 3: write dl/dW into `dweight` and return dl/dx, if it is needed."""

    def jvp(
        self,
        dx: Array | None,
        kept: Any,
        weight: Array,
        dweight: Array | None,
        windows: Windows,
        call: Call,
    ) -> Array:
        """W dx + dW x: the change of y for changes of x and W, of which one may be None."""
