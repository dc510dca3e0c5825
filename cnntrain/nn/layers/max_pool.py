"""Max-pooling: each output is the largest entry of a window of the input."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers import smooth_maximum
from cnntrain.nn.layers.layer import Weights
from cnntrain.nn.layers.pool import Pool
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows
from cnntrain.settings import setting
from cnntrain.settings.types import Number


class MaxPool(Pool):
    """The largest entry of each window.

    y[c, i, j] = max over the window P(i, j) of x[c].   x (C, H, W, n) -> y (C, oh, ow, n).

    The gradient goes to the entry that holds the maximum (appendix of the note).  Ties:
      random  to one of the largest inputs, each equally likely (the note's footnote 2): the
              first of them in an order of the window's positions drawn anew for each step
      first   to the first of them, row by row
      split   to all of them, in equal parts

    Padding is never the largest.  With `smooth` the maximum's cusps are rounded out (see
    `smooth_maximum`): nothing is tied.
    """

    also = (
        "maxpool maxpool1d maxpool2d maxpooling maxpooling1d maxpooling2d pool pool2d pooling "
        "adaptivemaxpool2d globalmaxpool globalmaxpool2d globalmaxpooling globalmaxpooling2d"
    )
    owns_output: ClassVar[bool] = False

    type: Literal["max_pool"] = "max_pool"
    ties: Literal["random", "first", "split"] = setting(
        "Which of several largest entries gets the gradient: one drawn at random, the first row "
        "by row, or all in equal parts.",
        "random",
    )
    smooth: Number = setting(
        "beta of log-sum-exp pooling, (1 / beta) log sum exp(beta x), which tends to the maximum "
        "as beta grows; none for the maximum itself.",
        "none",
    )

    def flops(self, shape: Shape) -> int:
        """Comparisons, or for the smooth form per entry: compare, subtract, multiply, exp, add."""
        area, outputs = self.window_area(shape), math.prod(self.output_shape(shape))
        return outputs * (area - 1 if self.smooth == "none" else 5 * area + 2)

    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        windows = self.windows(x.shape[:3])
        x = windows.pad(x, context, fill=-np.inf, kept=context.training)
        if self.smooth != "none":
            return smooth_maximum.forward(x, windows, self.smooth, context)
        y = windows.maximum(x, "y", context)
        return y, (x, y, windows) if context.training else None

    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        if self.smooth != "none":
            return smooth_maximum.backward(dy, cache, context)
        x, y, windows = cache
        padded = context.grad_buffer(dy, x.shape)
        if not windows.disjoint:
            np.copyto(padded, 0)
        largest = context.array("largest", y.shape, bool)
        share = context.array("share", y.shape, dy.dtype)
        if self.ties == "split":
            dy /= _count_largest(x, y, windows)
        order = self._order(windows, context)
        for q in order:
            rows, cols = windows.positions[q]
            if self.ties != "split" and q == order[-1]:
                share = dy  # what nobody before has claimed
            else:
                np.equal(x[:, rows, cols], y, out=largest)
                np.multiply(dy, largest, out=share)
            if windows.disjoint:
                padded[:, rows, cols] = share
            else:
                padded[:, rows, cols] += share
            if self.ties != "split" and share is not dy:
                dy -= share  # given away: nothing is left for the ties that follow
        dx: Array = windows.crop(padded)
        return dx

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """dy = dx at the entry that holds the maximum, ties as in `backward`."""
        if self.smooth != "none":
            return smooth_maximum.jvp(dx, cache, context)
        x, y, windows = cache
        dx = windows.pad(dx, context)
        dy: Array = np.zeros_like(y)
        unmet = np.ones(y.shape, dtype=bool)  # windows whose maximum has not been met
        for q in self._order(windows, context):
            rows, cols = windows.positions[q]
            largest = x[:, rows, cols] == y
            if self.ties != "split":
                largest &= unmet
                unmet ^= largest
            dy += dx[:, rows, cols] * largest
        if self.ties == "split":
            dy /= _count_largest(x, y, windows)
        return dy

    def branches(self, x: Array) -> Array | None:
        if self.smooth != "none":
            return None
        windows = self.windows(x.shape[:3])
        top, bottom, left, right = windows.padding
        border = (0, 0), (top, bottom), (left, right), (0, 0)
        padded = np.pad(x, border, constant_values=-np.inf)
        entries = np.stack([padded[:, rows, cols] for rows, cols in windows.positions])
        return np.asarray(entries == entries.max(axis=0))

    def _order(self, windows: Windows, context: Context) -> list[int]:
        """The order in which the positions of a window claim its gradient."""
        count = len(windows.positions)
        return context.permutation(count, "ties") if self.ties == "random" else list(range(count))


def _count_largest(x: Array, y: Array, windows: Windows) -> Array:
    """How many entries of each window hold its maximum `y`."""
    count = np.zeros_like(y)
    for rows, cols in windows.positions:
        count += x[:, rows, cols] == y
    return count
