"""Data sets in an .npz file: x_train, y_train, ... or x, y."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from cnntrain.data.arrays import as_groups, as_inputs, as_targets, as_text
from cnntrain.data.examples import Examples, RawData
from cnntrain.data.formats.array_names import CLASS_NAMES, SUFFIXES, known_names
from cnntrain.data.formats.numpy_files import open_npz
from cnntrain.data.labels import numbered
from cnntrain.data.sources.source import Axes, FilePath, Source
from cnntrain.errors import DataError
from cnntrain.settings import setting
from cnntrain.text import printable, shown_path

Array = NDArray[Any]


class Npz(Source):
    """Arrays x and y of a NumPy file; x_test, y_test, x_validation, y_validation if there.

    Instead of x and y there may be x_train and y_train; `class_names` may name the classes.
    """

    source: Literal["npz"] = "npz"
    path: FilePath = setting("The .npz file.", also="file filename")
    axes: Axes = setting(
        "Order of the axes of x: channels last, or channels first; NLC and NCL for signals of one "
        "dimension, which layers take for images of one row.",
        "NHWC",
    )

    @property
    def axis_order(self) -> Axes:
        return self.axes

    def read(self) -> RawData:
        name = shown_path(self.path)
        with open_npz(Path(self.path)) as archive:
            known = known_names(archive.names, name, self.group)
            arrays = {key: archive.read(key, held) for key, held in known.items()}
        suffixes = {**SUFFIXES, "train": _training_suffix(arrays, name)}
        images, targets, groups, warnings = {}, {}, {}, list[str]()
        for part, suffix in suffixes.items():
            x, y = arrays.get(f"x{suffix}"), arrays.get(f"y{suffix}")
            if x is not None and y is not None:
                images[part] = _images(x, self.axes, f"{name}: x{suffix}", warnings)
                targets[part] = as_targets(y, f"{name}: y{suffix}")
                groups[part] = _groups(arrays, self.group, suffix, name)
            elif x is not None or y is not None:
                there, missing = ("x", "y") if y is None else ("y", "x")
                raise DataError(f"{name}: there is {there}{suffix} but no {missing}{suffix}")
        names = _names(arrays.get(CLASS_NAMES), targets["train"], name)
        labels, names = numbered(targets, names)
        parts = {part: Examples(images[part], labels[part], groups=groups[part]) for part in images}
        return RawData(**parts, class_names=names, warnings=tuple(warnings))


def _training_suffix(arrays: dict[str, Array], name: str) -> str:
    """What follows x and y in the names of the training arrays: "_train" or nothing."""
    split, whole = "x_train" in arrays or "y_train" in arrays, "x" in arrays or "y" in arrays
    if split == whole:
        found = "both" if split else "neither"
        raise DataError(f"{name}: expected x_train and y_train, or x and y; there are {found}")
    return "_train" if split else ""


def _groups(arrays: dict[str, Array], group: str, suffix: str, name: str) -> Array | None:
    """The groups of a part, None where samples have none; only those of the training part must be
    there, as no other is divided."""
    groups, where = arrays.get(group + suffix), f"{name}: {printable(group + suffix)}"
    if groups is not None:
        return as_groups(groups, where)
    if group != "none" and suffix in ("", SUFFIXES["train"]):
        raise DataError(f"{where} is not there (data.group is {printable(group)})")
    return None


def _images(x: Array, axes: str, name: str, warnings: list[str]) -> Array:
    """x as `as_inputs` makes it, with a warning where its axes seem to be in the other order."""
    images = as_inputs(x, axes, name)
    if "L" in axes and x.ndim not in (2, 3):
        raise DataError(f"{name} has shape {x.shape}, expected ({', '.join(axes)}) or (N, L)")
    if x.ndim not in (2, 3, 4):
        raise DataError(f"{name} has shape {x.shape}, expected (N, H, W, C), (N, H, W) or (N, d)")
    if x.ndim == 4:
        channels = (1, 3)
        other = {"NHWC": "NCHW", "NCHW": "NHWC"}[axes]
        here, there = (x.shape[axis.index("C")] for axis in (axes, other))
        if there in channels and here not in channels:
            warnings.append(f"{name} has shape {x.shape}: is it {other}? (set data.axes: {other})")
    return images


def _names(names: Array | None, y: Array, name: str) -> tuple[str, ...] | None:
    """What `class_names` calls the classes, None where it is not there."""
    if names is None:
        return None
    if names.dtype.kind not in "US":
        raise DataError(
            f"{name}: {CLASS_NAMES} has type {names.dtype}, expected text "
            f"(store {CLASS_NAMES}.astype(str))"
        )
    if names.ndim != 1 or not len(names):
        raise DataError(
            f"{name}: {CLASS_NAMES} has shape {names.shape}, expected (classes,), one or more"
        )
    if y.ndim == 2:
        raise DataError(f"{name}: {CLASS_NAMES} are for labels, but y holds real numbers")
    return tuple(as_text(names, f"{name}: {CLASS_NAMES}").tolist())
