"""Checks of raw data: whether a network can be trained on them at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.class_names import name_problem
from cnntrain.data.examples import Examples, RawData, spoken
from cnntrain.errors import DataError
from cnntrain.text import printable

Array = NDArray[Any]
MOST_CLASSES = 2**16  # more than that are no labels
LARGEST = float(np.finfo(np.float32).max)
BAD = f"NaN, infinity or more than {LARGEST:.1e}"


def checked(raw: RawData, outputs: int | None = None) -> RawData:
    """`raw` with a name for every class.  Raises DataError where it cannot be used.

    outputs   of the network, where known: unnamed classes cannot be more
    """
    parts = {spoken(name): part for name, part in raw.parts.items()}
    for name, part in parts.items():
        _check_part(name, part, raw.train)
    if raw.train.y.ndim == 2:
        return raw
    if raw.class_names is None:
        _check_numbers(raw.train.y, outputs)
    names = raw.class_names or tuple(str(c) for c in range(int(raw.train.y.max()) + 1))
    for name, part in parts.items():
        _check_labels(name, part.y, len(names))
    if (wrong := name_problem(names)) is not None:
        raise DataError(wrong)
    if len(names) < 2:
        raise DataError(f"{_only(names[0])}: a classifier needs 2 classes or more")
    return replace(raw, class_names=names)


def absent_classes(labels: Array, names: Sequence[str]) -> list[str]:
    """A warning if some of the classes have no sample among `labels`."""
    counts = np.bincount(labels, minlength=len(names))
    absent = np.flatnonzero(counts == 0).tolist()
    if not absent:
        return []
    if len(absent) == len(names) - 1:
        return [f"{_only(names[int(counts.argmax())])}: there is nothing to tell apart"]
    hint = " (if labels start at 1, subtract 1)" if absent == [0] else ""
    return [f"no training sample of class {_first(names, absent)}{hint}"]


def _only(name: str) -> str:
    return f"every training sample is of class {printable(name)}"


def _first(names: Sequence[str], absent: list[int], count: int = 10) -> str:
    more = f" and {len(absent) - count} more" if len(absent) > count else ""
    return ", ".join(printable(names[k]) for k in absent[:count]) + more


def _check_part(name: str, part: Examples, train: Examples) -> None:
    kind = "labels" if part.y.ndim == 1 else "targets"
    if len(part.x) != len(part.y):
        raise DataError(f"the {name} part has {len(part.x):,} inputs but {len(part.y):,} {kind}")
    if part.groups is not None and len(part.groups) != len(part.x):
        raise DataError(
            f"the {name} part has {len(part.x):,} inputs but {len(part.groups):,} groups"
        )
    if 0 in part.x.shape:
        raise DataError(f"the {name} part is empty: its inputs have shape {part.x.shape}")
    if 0 in part.y.shape:
        raise DataError(f"the {name} targets are empty: they have shape {part.y.shape}")
    if part.x.shape[1:] != train.x.shape[1:]:
        raise DataError(
            f"{name} inputs have shape {part.x.shape[1:]}, training inputs {train.x.shape[1:]}"
        )
    if part.y.ndim != train.y.ndim:
        other = "targets" if kind == "labels" else "labels"
        raise DataError(f"the {name} part has {kind} but the training part has {other}")
    if part.y.shape[1:] != train.y.shape[1:]:
        raise DataError(
            f"{name} targets have {part.y.shape[1]} entries, training targets {train.y.shape[1]}"
        )
    for what, array in (("input", part.x), ("target", part.y)):
        bad = first_bad(array)
        if bad is not None:
            raise DataError(f"{name} {what} {bad} holds {BAD}")


def first_bad(array: Array) -> int | None:
    """The first sample with a value that is no finite float32."""
    if array.dtype.kind != "f":
        return None
    for start in range(0, len(array), 1024):
        block = np.abs(array[start : start + 1024])
        good = (block <= LARGEST).reshape(len(block), -1).all(axis=1)  # False for NaN
        if not good.all():
            return start + int(good.argmin())
    return None


def _check_numbers(labels: Array, outputs: int | None) -> None:
    """Training labels of unnamed classes are bounded by the network alone."""
    if outputs is None:
        _check_labels("training", labels, MOST_CLASSES)
    else:
        allows = f"the network's {outputs} outputs allow"
        hint = "correct it, or train with more units in the last dense layer"
        _check_labels("training", labels, outputs, allows, hint)


def _check_labels(
    name: str, labels: Array, classes: int, allows: str = "allowed is", hint: str = ""
) -> None:
    """Labels must be 0 ... classes - 1.

    allows   the words before that range
    hint     the way out for a label above it, unless labels seem to start at 1
    """
    wrong = (labels < 0) | (labels >= classes)
    if not wrong.any():
        return
    index = int(wrong.argmax())
    if labels.min() == 1 and labels.max() == classes:
        hint = f"labels seem to run from 1 to {classes}: subtract 1"
    elif labels[index] < 0:
        hint = "classes count from 0"
    raise DataError(
        f"{name} label {index} is {labels[index]}, {allows} 0 to {classes - 1:,}"
        + (f" ({hint})" if hint else "")
    )
