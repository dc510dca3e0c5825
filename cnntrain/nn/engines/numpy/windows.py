"""Where the windows of a convolution or a pooling lie: sizes, padding and slices.

Output sizes use floor, as PyTorch and ONNX do: rows and columns at the bottom and right that
fill no window are left out.  `same` padding gives ceil(n / stride) outputs, the odd row or
column at the bottom and right (ONNX SAME_UPPER).
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
    `padding` (top, bottom, left, right) zeros."""

    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]

    @classmethod
    @lru_cache(maxsize=256)
    def of(
        cls,
        size: tuple[int, ...],
        kernel: tuple[int, int],
        stride: tuple[int, int],
        padding: str | int | tuple[int, ...],
        key: str = "kernel",
    ) -> Windows:
        """The windows of a layer on inputs of `size` (H, W).

        padding   "valid", "same", a width for all four sides, or (top, bottom, left, right)
        key       what the layer's settings call the size of a window: kernel or window

        Raises MisfitError where the kernel is larger than the padded input.
        """
        height, width = size
        if padding == "same":
            rows = _same(height, kernel[0], stride[0])
            columns = _same(width, kernel[1], stride[1])
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
        result = cls((height, width), kernel, stride, sides)
        if result.padded[0] < kernel[0] or result.padded[1] < kernel[1]:
            hint = f"a smaller {key}" + (", or padding: same" if key == "kernel" else "")
            raise MisfitError(
                f"its {kernel[0]}x{kernel[1]} {key} is larger than the "
                f"{result.padded[0]}x{result.padded[1]} input ({hint})",
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
        (height, width), (kh, kw), (sh, sw) = self.padded, self.kernel, self.stride
        return (height - kh) // sh + 1, (width - kw) // sw + 1

    @cached_property
    def disjoint(self) -> bool:
        """Whether every entry of the padded input lies in exactly one window."""
        covered = tuple(n * k for n, k in zip(self.output, self.kernel, strict=True))
        return self.kernel == self.stride and covered == self.padded

    @cached_property
    def rows(self) -> list[slice]:
        """For each row of a window, the rows of the padded input that hold it."""
        (oh, _), (sh, _) = self.output, self.stride
        return [slice(i, i + sh * (oh - 1) + 1, sh) for i in range(self.kernel[0])]

    @cached_property
    def columns(self) -> list[slice]:
        """Likewise for columns."""
        (_, ow), (_, sw) = self.output, self.stride
        return [slice(j, j + sw * (ow - 1) + 1, sw) for j in range(self.kernel[1])]

    @cached_property
    def positions(self) -> list[tuple[slice, slice]]:
        """For each position in the window, row by row, the slices (rows, columns) of the padded
        input that hold that position's entry of every window."""
        return [(rows, columns) for rows in self.rows for columns in self.columns]

    def pad(self, x: Array, context: Context) -> Array:
        """`x` (C, H, W, n) with its border of zeros; `x` itself where there is none."""
        if not any(self.padding):
            return x
        padded = context.scratch("padded", (x.shape[0], *self.padded, x.shape[3]), x.dtype)
        return put(x, padded, self.padding[0], self.padding[2])

    def crop(self, padded: Array) -> Array:
        """The part of a padded array (C, H+, W+, n) that is no padding."""
        top, _, left, _ = self.padding
        return padded[:, top : top + self.size[0], left : left + self.size[1]]

    def maximum(self, x: Array, name: str, context: Context) -> Array:
        """The largest entry of each window of `x` (C, H, W, n) without padding, in the scratch
        array `name` (C, oh, ow, n): of each column of a window first, then of those."""
        channels, _, width, n = x.shape
        tallest = context.scratch("tallest", (channels, self.output[0], width, n), x.dtype)
        _largest([x[:, rows] for rows in self.rows], tallest)
        largest = context.array(name, (channels, *self.output, n), x.dtype)
        _largest([tallest[:, :, columns] for columns in self.columns], largest)
        return largest

    def patches(self, padded: Array) -> Array:
        """The entries of all windows of a padded array (C, H+, W+, n): a view of it, not to be
        written to, (C, kh, kw, oh, ow, n)."""
        channels, _, _, n = padded.shape
        (sh, sw), (by_channel, by_row, by_column, by_sample) = self.stride, padded.strides
        return as_strided(
            padded,
            (channels, *self.kernel, *self.output, n),
            (by_channel, by_row, by_column, sh * by_row, sw * by_column, by_sample),
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


def _largest(parts: Sequence[Array], out: Array) -> None:
    """The entry by entry maximum of one or more arrays."""
    first, *others = parts
    if not others:
        np.copyto(out, first)
    for number, other in enumerate(others):
        np.maximum(out if number else first, other, out=out)


def put(x: Array, into: Array, top: int, left: int) -> Array:
    """`into` (C, H+, W+, n), filled with `x` (C, H, W, n) from row `top` and column `left` on, and
    with zeros around it."""
    bottom, right = top + x.shape[1], left + x.shape[2]
    into[:, :top] = into[:, bottom:] = 0
    into[:, :, :left] = into[:, :, right:] = 0
    into[:, top:bottom, left:right] = x
    return into


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after so that there are ceil(size / stride) outputs."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2
