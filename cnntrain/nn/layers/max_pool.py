"""Max-pooling: each output is the largest entry of a window of the input."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.engines.numpy.windows import Windows
from cnntrain.nn.layers.base import Array, Call, Shape, Weights
from cnntrain.nn.layers.pool import Pool, maximum


class MaxPool(Pool):
    """y[c, i, j] = max over the window P(i, j) of x[c].   x (C, H, W, n) -> y (C, oh, ow, n).

    The gradient goes to the entry that holds the maximum (appendix of the note).  Ties:
      random  to one of the largest inputs, each equally likely (the note's footnote 2): the
              first of them in an order of the window's positions drawn anew for each chunk
      first   to the first of them, row by row
      split   to all of them, in equal parts
    """

    fresh = False

    def __init__(
        self,
        window: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        ties: str = "random",
    ) -> None:
        super().__init__(window, stride)
        self.ties = ties

    def flops(self, shape: Shape) -> int:
        return self.outputs(shape) * (self.window[0] * self.window[1] - 1)

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        y = maximum(x, self.windows(x.shape[:3]), "y", call)
        return y, (x, y) if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        x, y = kept
        windows = self.windows(x.shape[:3])
        dx = call.turn(dy, x.shape)
        if not windows.disjoint:
            np.copyto(dx, 0)
        largest = call.array("largest", y.shape, bool)
        share = call.array("share", y.shape, dy.dtype)
        if self.ties == "split":
            dy /= self._count_largest(x, y, windows)
        order = self._order(len(windows.positions), call)
        for q in order:
            rows, cols = windows.positions[q]
            if self.ties != "split" and q == order[-1]:
                share = dy  # what nobody before has claimed
            else:
                np.equal(x[:, rows, cols], y, out=largest)
                np.multiply(dy, largest, out=share)
            if windows.disjoint:
                dx[:, rows, cols] = share
            else:
                dx[:, rows, cols] += share
            if self.ties != "split" and share is not dy:
                dy -= share  # given away: nothing is left for the ties that follow
        return dx

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = dx at the entry that holds the maximum, ties as in `backward`."""
        if dx is None:
            return None
        x, y = kept
        windows = self.windows(x.shape[:3])
        dy = call.array("dy", y.shape, dx.dtype)
        dy[...] = 0
        largest = call.array("largest", y.shape, bool)
        left = np.ones(y.shape, dtype=bool)  # windows whose maximum has not been met
        for q in self._order(len(windows.positions), call):
            rows, cols = windows.positions[q]
            np.equal(x[:, rows, cols], y, out=largest)
            if self.ties != "split":
                largest &= left
                left ^= largest
            dy += dx[:, rows, cols] * largest
        if self.ties == "split":
            dy /= self._count_largest(x, y, windows)
        return dy

    def decisions(self, x: Array) -> Array:
        windows = self.windows(x.shape[:3])
        entries = np.stack([x[:, rows, cols] for rows, cols in windows.positions])
        return np.asarray(entries == entries.max(axis=0))

    def _order(self, count: int, call: Call) -> list[int]:
        """The order in which the positions of a window claim its gradient."""
        return call.permutation(count, "ties") if self.ties == "random" else list(range(count))

    @staticmethod
    def _count_largest(x: Array, y: Array, windows: Windows) -> Array:
        count = np.zeros(y.shape, dtype=x.dtype)
        for rows, cols in windows.positions:
            count += x[:, rows, cols] == y
        return count
