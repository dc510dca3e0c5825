"""The interface of algorithms for convolutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array
from cnntrain.nn.windows import Windows


class Algorithm(Protocol):
    """y[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u dh, j sw + v dw], and its
    derivatives.

    x (C, H, W, n), weight (F, C, kh, kw), bias (F,) or None, y (F, oh, ow, n); x is padded as
    `windows` says.  In groups, c runs over the channels of f's group: weight (F, C / g, kh, kw).
    """

    def forward(
        self,
        x: Array,
        weight: Array,
        bias: Array | None,
        windows: Windows,
        context: Context,
        cache: Any = None,
    ) -> tuple[Array, Any]:
        """y, and a cache for `backward` (None unless `context.training`).

        cache   of a pass with the same `x` and other weights: spares what depends on `x` alone
        """

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
        """Equations 2 and 3: write dl/dW into `dweight` and return dl/dx, if it is needed."""


# The choice of an algorithm, by input channels, windows and groups.
Choice = Callable[[int, Windows, int], Algorithm]
