"""Shapes of one sample as it passes through a network.

Inside the network a batch is stored with the samples innermost: images are (C, H, W, n)
and vectors (d, n), so that a vector layer is the note's W x, column by column.  A signal of length
L is an image of one row, (C, 1, L, n).
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]  # of one sample: (C, H, W) or (d,)


class MisfitError(ValueError):
    """A layer cannot work on the shape that reaches it; the network adds which layer it is.

    key   the setting to change, "" where there is none
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def pair(size: int | tuple[int, ...]) -> tuple[int, int]:
    """A size given once for both directions, as (height, width), or as (length,) of a signal."""
    height, width = (size, size) if isinstance(size, int) else (1, *size)[-2:]
    return height, width


def inner(x: Array) -> Array:
    """Samples (n, H, W, C) as (C, H, W, n), vectors (n, d) as (d, n): a view."""
    return x.transpose(3, 1, 2, 0) if x.ndim == 4 else x.T


def outer(x: Array) -> Array:
    """Back again: the permutation is its own inverse."""
    return inner(x)


def size_text(shape: Shape) -> str:
    """(C, H, W) as users write it, "HxWxC"; a vector as its length."""
    if len(shape) == 3:
        return f"{shape[1]}x{shape[2]}x{shape[0]}"
    return "x".join(str(n) for n in shape)
