"""Arrays as people store them, in the form that data sets have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import DataError

Array = NDArray[Any]


def as_inputs(x: Array, axes: str, name: str) -> Array:
    """x as (N, H, W, C) or (N, d); whole numbers other than uint8 as float32.

    axes   the order in which images have them, NHWC or NCHW, or signals, NLC or NCL; a signal is an
           image of one row, (N, 1, L, C)

    Raises DataError where `x`, called `name`, does not hold real numbers.
    """
    if x.dtype.kind not in "biuf":
        held = "text" if x.dtype.kind == "U" else f"values of type {x.dtype}"
        raise DataError(f"{name} holds {held}, expected numbers")
    if x.dtype != np.uint8 and (x.dtype.kind in "biu" or x.itemsize == 2):
        x = x.astype(np.float32)
    if "L" in axes:
        signals = x[..., None] if x.ndim == 2 else np.moveaxis(x, 1, -1) if axes == "NCL" else x
        return signals[:, None] if signals.ndim == 3 else x
    if x.ndim == 3:
        return x[..., None]
    return np.moveaxis(x, 1, -1) if x.ndim == 4 and axes == "NCHW" else x


def as_targets(y: Array, name: str) -> Array:
    """Whole numbers (N,) as labels, real numbers (N,) or (N, d) as targets."""
    if y.dtype.kind in "iu" and y.ndim == 1:
        return y.astype(np.int64)
    if y.dtype.kind == "f" and y.ndim in (1, 2):
        return y.astype(np.float64).reshape(len(y), -1)
    one_hot = y.dtype.kind in "iu" and y.ndim == 2
    raise DataError(
        f"{name} has type {y.dtype} and shape {y.shape}, expected whole numbers (N,) as labels, "
        "or real numbers (N,) or (N, d) as targets"
        + (" (of one-hot rows store y.argmax(axis=1))" if one_hot else "")
    )
