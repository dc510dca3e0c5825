"""What must hold of data before anything is trained on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.dataset import Pair, Source
from cnntrain.errors import DataError

Array = NDArray[Any]


def checked(source: Source) -> Source:
    """`source` with labels as int64 and every class named; DataError where it cannot be used."""
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
    absent = np.flatnonzero(np.bincount(source.train.y, minlength=len(names)) == 0)
    warnings = list(source.warnings)
    if len(absent):
        warnings.append(f"no training sample of class {', '.join(str(c) for c in absent[:10])}")
    return Source(source.train, source.validation, source.test, names, tuple(warnings))


def _numbers(labels: Array) -> tuple[str, ...]:
    """Classes called by their numbers, up to the largest label."""
    _check_labels("training", labels, None)
    return tuple(str(c) for c in range(int(labels.max()) + 1))


def _check_pair(name: str, pair: Pair, train: Pair) -> None:
    if len(pair.x) != len(pair.y):
        raise DataError(f"the {name} part has {len(pair.x):,} inputs but {len(pair.y):,} labels")
    if len(pair.x) == 0 or 0 in pair.x.shape:
        raise DataError(f"the {name} part is empty: its inputs have shape {pair.x.shape}")
    if pair.x.shape[1:] != train.x.shape[1:]:
        raise DataError(
            f"{name} inputs have shape {pair.x.shape[1:]}, training inputs {train.x.shape[1:]}"
        )
    if pair.y.shape[1:] != train.y.shape[1:] or pair.y.dtype != train.y.dtype:
        raise DataError(f"{name} and training labels are of different kinds")
    for what, array in (("input", pair.x), ("target", pair.y)):
        bad = _first_not_finite(array)
        if bad is not None:
            raise DataError(f"{name} {what} {bad} is NaN or infinite")


def _first_not_finite(array: Array) -> int | None:
    if array.dtype.kind != "f":
        return None
    for start in range(0, len(array), 1024):
        block = array[start : start + 1024]
        bad = ~np.isfinite(block).reshape(len(block), -1).all(axis=1)
        if bad.any():
            return start + int(bad.argmax())
    return None


def _check_labels(name: str, labels: Array, classes: int | None) -> None:
    """Labels must be 0 ... classes - 1, with a hint where they seem to start at 1."""
    wrong = labels < 0 if classes is None else (labels < 0) | (labels >= classes)
    if not wrong.any():
        return
    index = int(wrong.argmax())
    allowed = "0 or more" if classes is None else f"0 to {classes - 1}"
    hint = ""
    if classes is not None and labels.min() == 1 and labels.max() == classes:
        hint = f" (labels seem to run from 1 to {classes}: subtract 1)"
    raise DataError(f"{name} label {index} is {labels[index]}, allowed is {allowed}{hint}")
