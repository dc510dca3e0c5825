"""Images taken from other places of themselves: in C where there is a library, in NumPy where there
is none.  Both do the same operations in the same order, so that the bits are the same."""

from __future__ import annotations

import ctypes
from typing import Any, ClassVar, Literal

import numpy as np

from cnntrain.nn.engines.compiled.functions import function
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.compiled.structures import address
from cnntrain.nn.shapes import Array

Beyond = Literal["edge", "reflect"] | Array  # what lies there: see resampling.c
TYPES = (np.uint8, np.float32, np.float64)
PIXELS = 2**13  # that NumPy computes at a time: their numbers stay in a cache


class ResamplingC(ctypes.Structure):
    """What resampling.c is given."""

    _fields_: ClassVar[Any] = [
        *((name, ctypes.c_void_p) for name in ("from", "to", "maps", "color")),
        *(
            (name, ctypes.c_int64)
            for name in ("samples", "height", "width", "channels", "reflects")
        ),
    ]


def resample(x: Array, maps: Array, beyond: Beyond) -> Array:
    """x'(i, j) = x(s, t) with s = a i + b j + c and t = d i + e j + f; a new array.

    x        images (n, H, W, C); between pixels they are interpolated, in float64, and whole
             numbers are rounded, halves to even
    maps     a ... f for each, (n, 6) float64
    beyond   what lies beyond the edges: their pixels (edge), the image mirrored at them without
             their pixels again (reflect), or one color (C,) of the type of x
    """
    library = load()
    if isinstance(library, str) or x.dtype not in TYPES:
        result = np.empty(x.shape, x.dtype)
        size = max(PIXELS // (x.shape[1] * x.shape[2]), 1)
        for start in range(0, len(x), size):
            some = slice(start, start + size)
            result[some] = _in_numpy(x[some], maps[some], beyond)
        return result
    x, maps = np.ascontiguousarray(x), np.ascontiguousarray(maps, dtype=np.float64)
    color = None if isinstance(beyond, str) else np.array(beyond, x.dtype)
    result, reflects = np.empty_like(x), color is None and beyond == "reflect"
    given = ResamplingC(*map(address, (x, result, maps, color)), *x.shape, reflects)
    function(library, f"resample_{x.dtype.name}")(ctypes.byref(given))
    return result


def _in_numpy(x: Array, maps: Array, beyond: Beyond) -> Array:
    n, height, width, channels = x.shape
    a, b, c, d, e, f = maps.T[:, :, None, None]
    i, j = np.arange(height)[:, None], np.arange(width)
    s, t = a * i + b * j + c, d * i + e * j + f
    top, left = np.floor(s), np.floor(t)
    below, right = (s - top)[..., None], (t - left)[..., None]
    rows, columns = (
        [_places(first + k, size, beyond) for k in (0, 1)]
        for first, size in ((top, height), (left, width))
    )
    pixels, before = x.reshape(-1, channels), np.arange(n)[:, None, None] * (height * width)
    if not isinstance(beyond, str):
        pixels = np.concatenate([pixels, beyond[None]])

    def line(row: Array) -> Array:
        near, far = (
            pixels.take(_numbers(before, row, width, column), axis=0).astype(np.float64)
            for column in columns
        )
        between: Array = near + right * (far - near)
        return between

    above, under = map(line, rows)
    under -= above
    under *= below
    under += above
    result: Array = np.rint(under) if x.dtype.kind == "u" else under
    return result


def _numbers(before: Array, row: Array, width: int, column: Array) -> Array:
    """Of pixels, in the order of memory; -1, the last one, where row or column are beyond."""
    numbers: Array = before + row * width + column
    numbers[(row < 0) | (column < 0)] = -1
    return numbers


def _places(where: Array, size: int, beyond: Beyond) -> Array:
    """Whole numbers as numbers of rows or columns; -1: beyond, where one color is."""
    at = where.astype(np.int64)
    if isinstance(beyond, str):
        if beyond == "reflect" and size > 1:
            at = np.abs(at) % (2 * size - 2)
            at = np.minimum(at, 2 * size - 2 - at)
        return at.clip(0, size - 1)
    at[(at < 0) | (at >= size)] = -1
    return at
