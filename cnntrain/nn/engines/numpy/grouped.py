"""Convolution in groups: each group of channels by itself, as im2col does it.

The columns of a group with few channels are read almost as often as they are written.  Therefore
they are laid out for a few groups at a time, which stay in the cache, and laid out once more for
the way back rather than kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed
from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array
from cnntrain.nn.windows import Windows

CACHED = 2**18  # numbers in the columns of some groups that stay in the cache


class Grouped:
    """Any number of groups, kernel, stride, dilation and padding.  Errors are as for im2col."""

    def forward(
        self,
        x: Array,
        weight: Array,
        bias: Array | None,
        windows: Windows,
        context: Context,
        cache: Any = None,
    ) -> tuple[Array, Any]:
        padded = windows.pad(x, context, kept=context.training) if cache is None else cache
        y = context.array("y", (len(weight), math.prod(windows.output) * x.shape[3]), x.dtype)
        for part in _parts(padded, weight, windows):
            multiply(part.matrix(weight), part.columns(padded, context), part.rows(y))
        if bias is not None:
            y += bias[:, None]
        return y.reshape(len(weight), *windows.output, -1), padded if context.training else None

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
        padded, dy = cache, dy.reshape(len(weight), -1)
        dx = context.grad_buffer(dy, padded.shape) if need_dx else None
        for part in _parts(padded, weight, windows):
            columns, d_rows = part.columns(padded, context), part.rows(dy)
            multiply_transposed(d_rows, columns, part.matrix(dweight))
            if dx is not None:
                multiply(part.matrix(weight).swapaxes(1, 2), d_rows, columns)
                part.add_up(columns, dx, context)
        return None if dx is None else windows.crop(dx)


@dataclass(frozen=True)
class Part:
    """Groups `start` ... `stop - 1` of all `groups`, each of so many channels and filters."""

    windows: Windows
    start: int
    stop: int
    channels: int
    filters: int

    def columns(self, padded: Array, context: Context) -> Array:
        """The windows of its channels as columns, (groups, C / g kh kw, oh ow n)."""
        patches = self.windows.patches(padded[self._span(self.channels)])
        columns = context.scratch("columns", patches.shape, padded.dtype)
        np.copyto(columns, patches)
        return columns.reshape(self.stop - self.start, self.channels * self._area, -1)

    def add_up(self, columns: Array, dx: Array, context: Context) -> None:
        """The transpose of `columns`, into its channels of `dx`."""
        n = dx.shape[3]
        shape = (-1, *self.windows.kernel, *self.windows.output, n)
        self.windows.add_up(columns.reshape(shape), dx[self._span(self.channels)], context)

    def rows(self, y: Array) -> Array:
        """A view of its filters of `y` (F, oh ow n), (groups, F / g, oh ow n)."""
        return y[self._span(self.filters)].reshape(-1, self.filters, y.shape[1])

    def matrix(self, weight: Array) -> Array:
        """A view of its filters of W (F, C / g, kh, kw), (groups, F / g, C / g kh kw)."""
        own = weight[self._span(self.filters)]
        return own.reshape(-1, self.filters, self.channels * self._area)

    @property
    def _area(self) -> int:
        return len(self.windows.positions)

    def _span(self, each: int) -> slice:
        return slice(self.start * each, self.stop * each)


def _parts(padded: Array, weight: Array, windows: Windows) -> Iterator[Part]:
    """All groups, as many at a time as stay in the cache."""
    channels = weight.shape[1]
    groups = len(padded) // channels
    size = channels * len(windows.positions) * math.prod(windows.output) * padded.shape[3]
    step = max(CACHED // size, 1)
    for start in range(0, groups, step):
        stop = min(start + step, groups)
        yield Part(windows, start, stop, channels, len(weight) // groups)
