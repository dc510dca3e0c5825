"""The smooth maximum: max-pooling with its cusps rounded out (Section 2 of the note).

    y[c, i, j] = (1 / beta) log of the sum of exp(beta x_q) over the window P(i, j) of x[c]

with beta > 0 in units of 1 / x.  y is at most log(entries of a window) / beta above the maximum,
to which it tends as beta grows.  Its derivatives are the soft-max weights

    dy / dx_q = s_q = exp(beta x_q) / sum over r in P(i, j) of exp(beta x_r)

which are differentiable everywhere: there are no ties to settle.  The maximum is subtracted
before exp, which keeps it from overflowing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array, Shape
from cnntrain.nn.windows import Windows


@dataclass(frozen=True)
class Cache:
    """The derivatives s (q, C, oh, ow, n) by positions q of the window, and the shape of the padded
    input."""

    slopes: Array
    windows: Windows
    shape: Shape


def forward(
    x: Array, windows: Windows, beta: float, context: Context
) -> tuple[Array, Cache | None]:
    """y, and the cache for its derivatives, for `x` padded with minus infinity."""
    y = windows.maximum(x, "y", context)
    slopes = context.array("slopes", (len(windows.positions), *y.shape), x.dtype)
    for slope, (rows, cols) in zip(slopes, windows.positions, strict=True):
        np.subtract(x[:, rows, cols], y, out=slope)
    slopes *= beta
    np.exp(slopes, out=slopes)
    total = np.sum(slopes, axis=0)
    slopes /= total
    y += np.log(total, out=total) / beta
    return y, Cache(slopes, windows, x.shape) if context.training else None


def backward(dy: Array, cache: Cache, context: Context) -> Array:
    """dl/dx_q = sum over the windows with x_q of s_q dl/dy."""
    dx = context.grad_buffer(dy, cache.shape)
    np.copyto(dx, 0)
    for slope, (rows, cols) in zip(cache.slopes, cache.windows.positions, strict=True):
        dx[:, rows, cols] += slope * dy
    return cache.windows.crop(dx)


def jvp(dx: Array, cache: Cache, context: Context) -> Array:
    """dy = sum over q in P(i, j) of s_q dx_q."""
    dx = cache.windows.pad(dx, context)
    dy: Array = np.zeros_like(cache.slopes[0])
    for slope, (rows, cols) in zip(cache.slopes, cache.windows.positions, strict=True):
        dy += slope * dx[:, rows, cols]
    return dy
