"""What must hold of data before anything is trained on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.dataset import Pair, Source
from cnntrain.errors import DataError

Array = NDArray[Any]
MOST_CLASSES = 2**16  # more than that are no labels
LARGEST = float(np.finfo(np.float32).max)


def checked(source: Source) -> Source:
    """`source` with every class named; DataError where it cannot be used."""
    pairs = {"training": source.train, "validation": source.validation, "test": source.test}
    present = {name: pair for name, pair in pairs.items() if pair is not None}
    for name, pair in present.items():
        _check_pair(name, pair, source.train)
    if source.train.y.ndim == 2:
        return source
    names = source.class_names or _numbers(source.train.y)
    for name, pair in present.items():
        _check_labels(name, pair.y, len(names))
    if len(names) < 2:
        raise DataError("the training labels are all 0: a classifier needs 2 classes or more")
    return Source(source.train, source.validation, source.test, names, source.warnings)


def absent_classes(labels: Array, classes: int) -> list[str]:
    """A warning if some of the classes have no sample among `labels`."""
    absent = np.flatnonzero(np.bincount(labels, minlength=classes) == 0).tolist()
    if not absent:
        return []
    hint = " (if labels start at 1, subtract 1)" if absent == [0] else ""
    return [f"no training sample of class {_first(absent)}{hint}"]


def _first(numbers: list[int], count: int = 10) -> str:
    more = f" and {len(numbers) - count} more" if len(numbers) > count else ""
    return ", ".join(str(n) for n in numbers[:count]) + more


def _numbers(labels: Array) -> tuple[str, ...]:
    """Classes called by their numbers, up to the largest label."""
    _check_labels("training", labels, None)
    return tuple(str(c) for c in range(int(labels.max()) + 1))


def _check_pair(name: str, pair: Pair, train: Pair) -> None:
    kind = "labels" if pair.y.ndim == 1 else "targets"
    if len(pair.x) != len(pair.y):
        raise DataError(f"the {name} part has {len(pair.x):,} inputs but {len(pair.y):,} {kind}")
    if 0 in pair.x.shape:
        raise DataError(f"the {name} part is empty: its inputs have shape {pair.x.shape}")
    if 0 in pair.y.shape:
        raise DataError(f"the {name} targets are empty: they have shape {pair.y.shape}")
    if pair.x.shape[1:] != train.x.shape[1:]:
        raise DataError(
            f"{name} inputs have shape {pair.x.shape[1:]}, training inputs {train.x.shape[1:]}"
        )
    if pair.y.ndim != train.y.ndim:
        other = "targets" if kind == "labels" else "labels"
        raise DataError(f"the {name} part has {kind} but the training part has {other}")
    if pair.y.shape[1:] != train.y.shape[1:]:
        raise DataError(
            f"{name} targets have {pair.y.shape[1]} entries, training targets {train.y.shape[1]}"
        )
    for what, array in (("input", pair.x), ("target", pair.y)):
        bad = _first_bad(array)
        if bad is not None:
            raise DataError(f"{name} {what} {bad} holds NaN, infinity or more than {LARGEST:.1e}")


def _first_bad(array: Array) -> int | None:
    """The first sample with a value that is no finite float32."""
    if array.dtype.kind != "f":
        return None
    for start in range(0, len(array), 1024):
        block = np.abs(array[start : start + 1024])
        good = (block <= LARGEST).reshape(len(block), -1).all(axis=1)  # False for NaN
        if not good.all():
            return start + int(good.argmin())
    return None


def _check_labels(name: str, labels: Array, classes: int | None) -> None:
    """Labels must be 0 ... classes - 1, with a hint where they seem to start at 1."""
    count = MOST_CLASSES if classes is None else classes
    wrong = (labels < 0) | (labels >= count)
    if not wrong.any():
        return
    index = int(wrong.argmax())
    hint = ""
    if classes is not None and labels.min() == 1 and labels.max() == classes:
        hint = f" (labels seem to run from 1 to {classes}: subtract 1)"
    raise DataError(f"{name} label {index} is {labels[index]}, allowed is 0 to {count - 1:,}{hint}")
