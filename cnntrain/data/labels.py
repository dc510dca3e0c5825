"""Labels that are text, as numbers of classes; and what the labels in a table are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.examples import spoken
from cnntrain.data.formats.csv_cells import NUMBER
from cnntrain.data.formats.csv_table import Texts
from cnntrain.errors import DataError
from cnntrain.text import printable

Array = NDArray[Any]
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)  # within int64


def numbered(
    targets: Mapping[str, Array], names: Sequence[str] | None
) -> tuple[dict[str, Array], tuple[str, ...] | None]:
    """The targets of each part with numbers for labels, and what the classes are called.

    targets   by part, the training part's first; as `as_targets` makes them
    names     of the classes 0, 1, ...; None: the labels of the training part that are text,
              sorted

    Raises DataError where a label is none of the classes, or only some of the parts have text.
    """
    held = {part: "text" if y.dtype.kind == "U" else "numbers" for part, y in targets.items()}
    for part, kind in held.items():
        if kind != held["train"]:
            raise DataError(
                f"the {part} labels are {kind} but the training labels are {held['train']}"
            )
    if held["train"] == "numbers":
        return dict(targets), None if names is None else tuple(names)
    classes = tuple(np.unique(targets["train"]).tolist() if names is None else names)
    numbers = {name: label for label, name in enumerate(classes)}
    return {part: _numbers(y, numbers, part) for part, y in targets.items()}, classes


def _numbers(y: Array, numbers: Mapping[str, int], part: str) -> Array:
    """The labels `y`, text, as numbers."""
    labels, which = np.unique(y, return_inverse=True)
    unknown = [label for label in labels.tolist() if label not in numbers]
    if unknown:
        index = int((y == unknown[0]).argmax())
        raise DataError(
            f"{spoken(part)} label {index} is "
            f"'{printable(unknown[0])}', expected one of {printable(', '.join(numbers), 200)}"
        )
    return np.array([numbers[label] for label in labels.tolist()], dtype=np.int64)[which]


def from_texts(
    labels: Mapping[str, Texts], names: Sequence[str] | None
) -> tuple[dict[str, Array], tuple[str, ...] | None]:
    """Labels in the cells of tables as labels (N,) int64, where they are whole numbers or text, or
    as targets (N, 1), where they are real numbers; and the names of classes, where they have some.

    labels   by part, the training part's first
    names    of the classes 0, 1, ...; None: as for `numbered`

    Raises DataError as `numbered`, and where real numbers would have names.
    """
    words = [word for texts in labels.values() for word in texts.words]
    known = set(names or ())
    if all(WHOLE.fullmatch(word) for word in words) and not known.issuperset(words):
        return numbered({part: _values(texts, np.int64) for part, texts in labels.items()}, names)
    if all(NUMBER.fullmatch(word) for word in words) and not known:
        return {part: _values(texts, np.float64)[:, None] for part, texts in labels.items()}, None
    return numbered({part: texts.array for part, texts in labels.items()}, names)


def _values(texts: Texts, kind: type[np.int64] | type[np.float64]) -> Array:
    return np.array([kind(word) for word in texts.words])[texts.codes]
