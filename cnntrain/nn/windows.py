"""Where the windows of a convolution or a pooling lie: sizes, padding and slices.

Output sizes use floor, as PyTorch and ONNX do: rows and columns at the bottom and right that
fill no window are left out.  `same` padding gives ceil(n / stride) outputs, the odd row or
column at the bottom and right (ONNX SAME_UPPER).  With ceil, a last window that reaches over the
edge counts as well, unless it lies in the padding alone, and the padding grows to hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnntrain.nn.execution.context import Context
from cnntrain.nn.shapes import Array, MisfitError


@dataclass(frozen=True)
class Windows:
    """Windows of `kernel` (kh, kw), `stride` (sh, sw) apart, on inputs (H, W) padded by
    `padding` (top, bottom, left, right).  Of a window's entries, neighbours are `dilation` (dh, dw)
    apart, so that it spans (kh - 1) dh + 1 rows."""

    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]
    dilation: tuple[int, int] = (1, 1)

    @classmethod
    @lru_cache(maxsize=256)
    def of(
        cls,
        size: tuple[int, ...],
        kernel: tuple[int, int],
        stride: tuple[int, int],
        padding: str | int | tuple[int, ...],
        key: str = "kernel",
        ceil: bool = False,
        dilation: tuple[int, int] = (1, 1),
    ) -> Windows:
        """The windows of a layer on inputs of `size` (H, W).

        padding   "valid", "same", a width for all four sides, or (top, bottom, left, right)
        key       what the layer's settings call the size of a window: kernel or window
        ceil      whether the last windows may reach over the bottom and right edge

        Raises MisfitError where a window spans more than the padded input.
        """
        height, width = size
        span = _span(kernel, dilation)
        if padding == "same":
            rows = _same(height, span[0], stride[0])
            columns = _same(width, span[1], stride[1])
            sides = (*rows, *columns)
        elif padding == "valid":
            sides = (0, 0, 0, 0)
        elif isinstance(padding, str):
            raise ValueError(f"unknown padding {padding!r}")
        elif isinstance(padding, int):
            sides = (padding,) * 4
        else:
            top, bottom, left, right = padding
            sides = (top, bottom, left, right)
        top, bottom, left, right = sides
        padded = height + top + bottom, width + left + right
        if ceil:
            bottom += _overhang(padded[0], height + top, span[0], stride[0])
            right += _overhang(padded[1], width + left, span[1], stride[1])
        result = cls((height, width), kernel, stride, (top, bottom, left, right), dilation)
        if result.padded[0] < span[0] or result.padded[1] < span[1]:
            hint = f"a smaller {key}" + (", or padding: same" if key == "kernel" else "")
            if height == 1 < kernel[0]:
                hint += f", or {key}: [{kernel[1]}] for signals"
            spread = "" if span == kernel else f" spans {span[0]}x{span[1]} pixels, which"
            raise MisfitError(
                f"its {kernel[0]}x{kernel[1]} {key}{spread} is larger than the "
                f"{padded[0]}x{padded[1]} input ({hint})",
                key,
            )
        return result

    @cached_property
    def padded(self) -> tuple[int, int]:
        """Height and width of the padded input."""
        top, bottom, left, right = self.padding
        return self.size[0] + top + bottom, self.size[1] + left + right

    @cached_property
    def output(self) -> tuple[int, int]:
        """Number of windows (vertically, horizontally)."""
        (height, width), (sh, sw) = self.padded, self.stride
        rows, columns = _span(self.kernel, self.dilation)
        return (height - rows) // sh + 1, (width - columns) // sw + 1

    @cached_property
    def disjoint(self) -> bool:
        """Whether every entry of the padded input lies in exactly one window."""
        covered = tuple(n * k for n, k in zip(self.output, self.kernel, strict=True))
        return self.kernel == self.stride and covered == self.padded and self.dilation == (1, 1)

    @cached_property
    def rows(self) -> list[slice]:
        """For each row of a window, the rows of the padded input that hold it."""
        return _slices(self.kernel[0], self.dilation[0], self.output[0], self.stride[0])

    @cached_property
    def columns(self) -> list[slice]:
        """Likewise for columns."""
        return _slices(self.kernel[1], self.dilation[1], self.output[1], self.stride[1])

    @cached_property
    def positions(self) -> list[tuple[slice, slice]]:
        """For each position in the window, row by row, the slices (rows, columns) of the padded
        input that hold that position's entry of every window."""
        return [(rows, columns) for rows in self.rows for columns in self.columns]

    @cached_property
    def counts(self) -> Array:
        """How many entries of each window lie in the input, not in the padding, (1, oh, ow, 1)."""
        inside = np.zeros((1, *self.padded, 1))
        self.crop(inside)[...] = 1
        return np.asarray(self.patches(inside).sum(axis=(1, 2)))

    def pad(self, x: Array, context: Context, fill: float = 0, kept: bool = False) -> Array:
        """`x` (C, H, W, n) with its border of `fill`; `x` itself where there is none.

        kept   whether it must last longer than this call of the layer
        """
        if not any(self.padding):
            return x
        array = context.array if kept else context.scratch
        padded = array("padded", (x.shape[0], *self.padded, x.shape[3]), x.dtype)
        return put(x, padded, self.padding[0], self.padding[2], fill)

    def crop(self, padded: Array) -> Array:
        """The part of a padded array (C, H+, W+, n) that is no padding."""
        top, _, left, _ = self.padding
        return padded[:, top : top + self.size[0], left : left + self.size[1]]

    def maximum(self, padded: Array, name: str, context: Context) -> Array:
        """The largest entry of each window of a padded array (C, H+, W+, n), in the scratch array
        `name` (C, oh, ow, n)."""
        return self._combined(np.maximum, padded, name, context)

    def total(self, padded: Array, name: str, context: Context) -> Array:
        """Likewise, the sum of the entries of each window."""
        return self._combined(np.add, padded, name, context)

    def _combined(self, function: np.ufunc, padded: Array, name: str, context: Context) -> Array:
        """The entries of each window put together: of each column first, then the columns."""
        channels, _, width, n = padded.shape
        by_rows = context.scratch("by rows", (channels, self.output[0], width, n), padded.dtype)
        _combine(function, [padded[:, rows] for rows in self.rows], by_rows)
        result = context.array(name, (channels, *self.output, n), padded.dtype)
        _combine(function, [by_rows[:, :, columns] for columns in self.columns], result)
        return result

    def spread(self, y: Array, padded: Array, context: Context) -> None:
        """The transpose of `total`: each entry of `padded` becomes the sum of `y` (C, oh, ow, n)
        over the windows that it is in."""
        channels, height, _, n = y.shape
        by_rows = context.scratch("by rows", (channels, height, self.padded[1], n), y.dtype)
        np.copyto(by_rows, 0)  # which lets other threads run, unlike an assignment
        for columns in self.columns:
            by_rows[:, :, columns] += y
        np.copyto(padded, 0)
        for rows in self.rows:
            padded[:, rows] += by_rows

    def patches(self, padded: Array) -> Array:
        """The entries of all windows of a padded array (C, H+, W+, n): a view of it, not to be
        written to, (C, kh, kw, oh, ow, n)."""
        channels, _, _, n = padded.shape
        (sh, sw), (dh, dw) = self.stride, self.dilation
        by_channel, by_row, by_column, by_sample = padded.strides
        return as_strided(
            padded,
            (channels, *self.kernel, *self.output, n),
            (by_channel, dh * by_row, dw * by_column, sh * by_row, sw * by_column, by_sample),
            writeable=False,
        )

    def add_up(self, patches: Array, padded: Array, context: Context) -> None:
        """The transpose of `patches`: each entry of `padded` becomes the sum of those of `patches`
        (C, kh, kw, oh, ow, n) that it is in.  First over the rows of windows, then over columns."""
        channels, _, kw, _, ow, n = patches.shape
        partial = context.scratch("partial", (channels, kw, self.padded[0], ow, n), padded.dtype)
        np.copyto(partial, 0)  # which lets other threads run, unlike an assignment
        for i, rows in enumerate(self.rows):
            partial[:, :, rows] += patches[:, i]
        np.copyto(padded, 0)
        for j, columns in enumerate(self.columns):
            padded[:, :, columns] += partial[:, j]


def put(x: Array, into: Array, top: int, left: int, fill: float = 0) -> Array:
    """`into` (C, H+, W+, n), filled with `x` (C, H, W, n) from row `top` and column `left` on, and
    with `fill` around it."""
    bottom, right = top + x.shape[1], left + x.shape[2]
    into[:, :top] = into[:, bottom:] = fill
    into[:, :, :left] = into[:, :, right:] = fill
    into[:, top:bottom, left:right] = x
    return into


def _combine(function: np.ufunc, parts: Sequence[Array], out: Array) -> None:
    """One or more arrays put together entry by entry by a function of two numbers."""
    first, *others = parts
    if not others:
        np.copyto(out, first)
    for number, other in enumerate(others):
        function(out if number else first, other, out=out)


def _span(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns from the first to the last of a window."""
    return (kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1


def _slices(kernel: int, dilation: int, output: int, stride: int) -> list[slice]:
    """For each row of a window, or column, where it lies in all windows."""
    length = stride * (output - 1) + 1
    return [slice(i * dilation, i * dilation + length, stride) for i in range(kernel)]


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after so that there are ceil(size / stride) outputs."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _overhang(padded: int, end: int, kernel: int, stride: int) -> int:
    """Padding after so that no entry is left out, for a window that begins before the input ends,
    at `end` of `padded`."""
    start = -(-(padded - kernel) // stride) * stride  # of the last window
    return start + kernel - padded if start < end else 0
