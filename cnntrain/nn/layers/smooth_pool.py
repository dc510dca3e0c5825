"""Smooth pooling: max-pooling with its cusps rounded out (Section 2 of the note)."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnntrain.nn.layers.base import Array, Call, Shape, Weights
from cnntrain.nn.layers.pool import Pool, maximum


class SmoothPool(Pool):
    """y[c, i, j] = (1 / beta) log of the sum of exp(beta x_q) over the window P(i, j) of x[c].

    beta = `smooth` > 0, in units of 1 / x.  y is at most log(entries of a window) / beta above
    the maximum, to which it tends as beta grows.  Its derivatives are the soft-max weights

        dy / dx_q = s_q = exp(beta x_q) / sum over r in P(i, j) of exp(beta x_r)

    which are differentiable everywhere: there are no ties to settle.  The maximum is subtracted
    before exp, which keeps it from overflowing.
    """

    def __init__(
        self,
        window: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        smooth: float = 10.0,
    ) -> None:
        super().__init__(window, stride)
        self.smooth = smooth

    def flops(self, shape: Shape) -> int:
        """For each entry of a window: compare, subtract, multiply, exp, add."""
        return self.outputs(shape) * (5 * self.window[0] * self.window[1] + 2)

    def forward(self, x: Array, w: Weights, call: Call) -> tuple[Array, Any]:
        windows = self.windows(x.shape[:3])
        y = maximum(x, windows, "y", call)
        weights = call.array("weights", (len(windows.positions), *y.shape), x.dtype)
        for weight, (rows, cols) in zip(weights, windows.positions, strict=True):
            np.subtract(x[:, rows, cols], y, out=weight)
        weights *= self.smooth
        np.exp(weights, out=weights)
        total = np.sum(weights, axis=0)
        weights /= total
        y += np.log(total, out=total) / self.smooth
        return y, (weights, x.shape) if call.keep else None

    def backward(
        self, dy: Array, kept: Any, w: Weights, dw: Weights, call: Call, need_dx: bool = True
    ) -> Array | None:
        weights, shape = kept
        dx = call.turn(dy, shape)
        dx[...] = 0
        windows = self.windows(shape[:3])
        for weight, (rows, cols) in zip(weights, windows.positions, strict=True):
            dx[:, rows, cols] += weight * dy
        return dx

    def jvp(self, dx: Array | None, kept: Any, w: Weights, dw: Weights, call: Call) -> Array | None:
        """dy = sum over q in P(i, j) of s_q dx_q."""
        if dx is None:
            return None
        weights, shape = kept
        dy = call.array("dy", weights.shape[1:], dx.dtype)
        dy[...] = 0
        windows = self.windows(shape[:3])
        for weight, (rows, cols) in zip(weights, windows.positions, strict=True):
            dy += weight * dx[:, rows, cols]
        return dy
