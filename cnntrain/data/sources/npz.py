"""Data sets in an .npz file: x_train, y_train, ... or x, y."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.dataset import Pair, Source
from cnntrain.data.sources.numpy_files import read_npz
from cnntrain.errors import DataError
from cnntrain.text import shown_path

Array = NDArray[Any]

KNOWN = ("x", "y", "x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")


def read(path: Path, axes: str) -> Source:
    """The pairs in an .npz file: x_train, y_train and, if there, x_validation ..., x_test ...;
    or x, y.  `class_names` may name the classes.

    axes   NHWC, or NCHW where channels come first
    """
    name = shown_path(path)
    arrays = read_npz(path, (*KNOWN, "class_names"))
    first = _first(arrays, name)
    warnings: list[str] = []
    pairs = {}
    for part, suffix in (("train", first), ("validation", "_validation"), ("test", "_test")):
        x, y = arrays.get(f"x{suffix}"), arrays.get(f"y{suffix}")
        if x is not None and y is not None:
            images = _images(x, axes, f"{name}: x{suffix}", warnings)
            pairs[part] = Pair(images, _targets(y, f"{name}: y{suffix}"))
        elif x is not None or y is not None:
            there, lacking = ("x", "y") if y is None else ("y", "x")
            raise DataError(f"{name}: there is {there}{suffix} but no {lacking}{suffix}")
    names = _names(arrays.get("class_names"), pairs["train"].y, name)
    return Source(**pairs, class_names=names, warnings=tuple(warnings))


def _first(arrays: dict[str, Array], name: str) -> str:
    """What follows x and y in the names of the training arrays: "_train" or nothing."""
    split, whole = "x_train" in arrays or "y_train" in arrays, "x" in arrays or "y" in arrays
    if split == whole:
        found = "both" if split else "neither"
        raise DataError(f"{name}: expected x_train and y_train, or x and y; there are {found}")
    return "_train" if split else ""


def _images(x: Array, axes: str, name: str, warnings: list[str]) -> Array:
    """x as `inputs` makes it, with a warning where its axes seem to be in the other order."""
    images = inputs(x, axes, name)
    if x.ndim not in (2, 3, 4):
        raise DataError(f"{name} has shape {x.shape}, expected (N, H, W, C), (N, H, W) or (N, d)")
    if x.ndim == 4:
        channels = (1, 3)
        other = {"NHWC": "NCHW", "NCHW": "NHWC"}[axes]
        here, there = (x.shape[axis.index("C")] for axis in (axes, other))
        if there in channels and here not in channels:
            warnings.append(f"{name} has shape {x.shape}: is it {other}? (set data.axes: {other})")
    return images


def inputs(x: Array, axes: str, name: str) -> Array:
    """x as (N, H, W, C) or (N, d); whole numbers other than uint8 as float32.

    axes   the order in which images have them, NHWC or NCHW

    Raises DataError where `x`, called `name`, does not hold real numbers.
    """
    if x.dtype.kind not in "biuf":
        held = "text" if x.dtype.kind == "U" else f"values of type {x.dtype}"
        raise DataError(f"{name} holds {held}, expected numbers")
    if x.dtype != np.uint8 and (x.dtype.kind in "biu" or x.itemsize == 2):
        x = x.astype(np.float32)
    if x.ndim == 3:
        return x[..., None]
    return np.moveaxis(x, 1, -1) if x.ndim == 4 and axes == "NCHW" else x


def _targets(y: Array, name: str) -> Array:
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


def _names(names: Array | None, y: Array, name: str) -> tuple[str, ...] | None:
    """What `class_names` calls the classes, None where it is not there."""
    if names is None:
        return None
    if names.ndim != 1 or names.dtype.kind != "U" or not len(names):
        raise DataError(f"{name}: class_names is not an array (e,) of text")
    if y.ndim == 2:
        raise DataError(f"{name}: class_names are for labels, but y holds real numbers")
    return tuple(str(text) for text in names)
