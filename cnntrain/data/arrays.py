"""Arrays as people store them, in the form that data sets have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import DataError
from cnntrain.text import printable

Array = NDArray[Any]


def as_inputs(x: Array, axes: str, name: str) -> Array:
    """x as (N, H, W, C) or (N, d); whole numbers other than uint8 as float32.

    axes   the order in which images have them, NHWC or NCHW, or signals, NLC or NCL; a signal is an
           image of one row, (N, 1, L, C)

    Raises DataError where `x`, called `name`, does not hold real numbers.
    """
    if x.dtype.kind not in "biuf":
        held = "text" if x.dtype.kind in "US" else f"values of type {x.dtype}"
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
    """Labels as whole numbers (N,) int64, or as text (N,); real numbers (N, d) float64 as targets.

    y   whole numbers, truth values or text, (N,) or a column (N, 1), or real numbers (N,) or
        (N, d), called `name`

    Raises DataError where it is something else.
    """
    if y.dtype.kind in "biuUS" and y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind in "biu" and y.ndim == 1:
        return y.astype(np.int64)
    if y.dtype.kind in "US" and y.ndim == 1:
        return as_text(y, name)
    if y.dtype.kind == "f" and y.ndim in (1, 2):
        return y.astype(np.float64).reshape(len(y), -1)
    advice = label_advice(y, "y")
    if not advice and y.dtype.kind in "biu" and y.ndim == 2:
        advice = "store y.astype(float) for a regression"
    raise DataError(
        f"{name} has type {y.dtype} and shape {y.shape}, expected whole numbers or text (N,) as "
        "labels, or real numbers (N,) or (N, d) as targets" + (f" ({advice})" if advice else "")
    )


def as_groups(groups: Array, name: str) -> Array:
    """The groups that samples belong to, whole numbers (N,) int64 or text (N,).

    Raises DataError where `groups`, called `name`, are something else.
    """
    if groups.ndim == 2 and groups.shape[1] == 1:
        groups = groups[:, 0]
    if groups.ndim != 1 or groups.dtype.kind not in "biuUS":
        raise DataError(
            f"{name} has type {groups.dtype} and shape {groups.shape}, expected whole numbers or "
            "text (N,) as groups"
        )
    return as_text(groups, name) if groups.dtype.kind in "US" else groups.astype(np.int64)


def label_advice(y: Array, name: str) -> str:
    """What to store instead of `y`, called `name`, where it holds labels in another form: one-hot
    rows, or whole numbers of a type for real ones; "" where it does not."""
    if y.dtype.kind not in "biuf" or 0 in y.shape:
        return ""
    columns = y.shape[1] if y.ndim == 2 else 1
    if y.ndim == 2 and columns > 1 and np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1):
        return f"the rows are one-hot: store {name}.argmax(axis=1)"
    if y.dtype.kind == "f" and y.ndim <= 2 and columns == 1 and np.all(y == np.rint(y)):
        return f"store {name}.astype(int)"
    return ""


def as_text(array: Array, name: str) -> Array:
    """Text as it is, bytes in UTF-8 as the text that they stand for.

    Raises DataError where an entry of `array`, called `name`, is no text.
    """
    if array.dtype.kind == "S":
        return np.array([_decoded(entry, name, i) for i, entry in enumerate(array.tolist())], "U")
    points = np.ascontiguousarray(array)[..., None].view(np.uint32)
    wrong = (points > 0x10FFFF).reshape(len(array), -1).any(axis=1)
    if wrong.any():
        raise DataError(f"{name}: entry {wrong.argmax()} holds characters that do not exist")
    return array


def _decoded(entry: bytes, name: str, index: int) -> str:
    try:
        return entry.decode()
    except UnicodeDecodeError:
        raise DataError(
            f"{name}: entry {index}, {printable(entry)}, is no text in UTF-8 (store it as text, "
            "such as numpy.char.decode(array, 'latin-1'))"
        ) from None
