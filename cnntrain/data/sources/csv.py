"""Data sets in a table of text: a row a sample, with columns of numbers and one of labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain.data.examples import PARTS, Examples, RawData
from cnntrain.data.formats.columns import (
    ALL,
    Columns,
    NoneOrColumn,
    NoneOrSome,
    OneColumn,
    SomeColumns,
)
from cnntrain.data.formats.csv_cells import NUMBER, Check
from cnntrain.data.formats.csv_files import open_csv
from cnntrain.data.formats.csv_table import Table
from cnntrain.data.labels import from_texts
from cnntrain.data.sources.source import FilePath, OptionalPath, Source
from cnntrain.errors import DataError
from cnntrain.settings import setting
from cnntrain.settings.types import AList, Count, OrNone, from_list
from cnntrain.text import nearest, pluralize, printable

Array = NDArray[Any]

ClassNames = Annotated[
    tuple[Annotated[str, Field(min_length=1, title="text")], ...],
    Field(min_length=2, title="a list of two names or more"),
    from_list,
]
FEW = 10  # rows that may count up by chance
ImageShape = Annotated[
    tuple[Count, ...],
    Field(min_length=2, max_length=3, title="a list [height, width] or [height, width, channels]"),
    from_list,
]


class Csv(Source):
    """Tables of text, plain or compressed with gzip: a row a sample, with a column of labels and
    columns of numbers.

    A column is named by its name in the first line, or by its number: 0 is the first, -1 the last.
    """

    also = "tsv table"

    source: Literal["csv"] = "csv"
    path: FilePath = setting(
        "The table of all samples, or of the training part.", also="file filename table"
    )
    validation_path: OptionalPath = setting(
        "The table of the validation part. Default: there is none.", None
    )
    test_path: OptionalPath = setting("The table of the test part. Default: there is none.", None)
    label: OneColumn = setting(
        "The column of labels, text or whole numbers, or of real numbers to predict.",
        "label",
        also="labels target targetcolumn labelcolumn y",
    )
    columns: SomeColumns = setting(
        "The columns of inputs, in this order: names, patterns such as pixel*, or numbers; by "
        "default all that have no other purpose.",
        ALL,
        also="features pixels inputs",
    )
    ignore: NoneOrSome = setting(
        "Columns without a purpose, such as a number of the sample.", "none", also="drop exclude"
    )
    part: NoneOrColumn = setting(
        "A column that tells the part of a sample: train, validation or test.",
        "none",
        also="split subset",
    )
    shape: OrNone[Annotated[ImageShape, AList]] = setting(
        "Shape of the image in a row: its pixels row by row, channels last; without it a row is a "
        "vector.",
        "none",
        also="imageshape inputshape",
    )
    class_names: OrNone[Annotated[ClassNames, AList]] = setting(
        "What the classes 0, 1, ... are called. Without it, the labels of the training part that "
        "are text, sorted, or numbers.",
        "none",
        also="classes names labelnames",
    )
    header: bool = setting("Whether the first line names the columns.", True)
    separator: Literal["comma", "semicolon", "tab"] = setting(
        "What stands between two cells.", "comma", also="sep delimiter"
    )

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """A part is told in one way, and columns without names are numbered."""
        for part in ("validation", "test"):
            key = f"{part}_path"
            if key in values and values.get("part", "none") != "none":
                yield key, f"data.{key} beside data.part, expected one or the other (remove one)"
            elif key in values and values.get(part, "none") != "none":
                yield part, f"data.{part} beside data.{key}, expected one or the other (remove one)"
        if values.get("header") is False:
            if "label" not in values:
                yield (
                    None,
                    "missing key data.label, expected the number of a column (0 is the first, -1 "
                    "the last; data.header is false)",
                )
            unnamed = "with data.header false columns have no names"
            for key in ("label", "columns", "ignore", "part"):
                entries = values.get(key)
                for entry in entries if isinstance(entries, list) else [entries]:
                    if isinstance(entry, str) and entry not in (ALL, "none"):
                        yield (
                            key,
                            f"invalid data.{key}, found {printable(entry)}, expected a number (0 "
                            f"is the first, -1 the last): {unnamed}",
                        )
            if values.get("group", "none") != "none":
                yield "group", f"data.group names a column: {unnamed}"

    def read(self) -> RawData:
        parts = {"train": self._table(self.path)}
        for name, path in (("validation", self.validation_path), ("test", self.test_path)):
            if path is not None:
                parts[name] = self._table(path, parts["train"].columns)
        if self.part != "none":
            parts = _by_part(parts["train"])
        kind = np.result_type(*(part.numbers.dtype for part in parts.values()))
        labels = {name: part.texts["label"] for name, part in parts.items()}
        given = None if self.class_names == "none" else self.class_names
        targets, names = from_texts(labels, given)
        examples = {
            name: Examples(
                self._inputs(part, kind),
                targets[name],
                groups=part.texts["group"].array if "group" in part.texts else None,
            )
            for name, part in parts.items()
        }
        return RawData(
            examples["train"],
            examples.get("validation"),
            examples.get("test"),
            class_names=names,
            warnings=tuple(_counting_columns(parts["train"])),
        )

    def _table(self, path: str, like: Sequence[str] | None = None) -> Table:
        """What the table at `path` holds, with inputs as in the columns `like`, where given."""
        with open_csv(Path(path), self.header, self.separator) as file:
            columns = Columns(file.name, file.names)
            texts: dict[str, tuple[int, Check]] = {}
            for key, check in _CHECKS.items():
                chosen = getattr(self, key)
                needed = key != "group" or like is None or chosen in file.names
                if chosen != "none" and needed:
                    texts[key] = columns.one(chosen, f"data.{key}"), check
            taken = {column for column, _ in texts.values()}
            if len(taken) < len(texts):
                keys = " and ".join(f"data.{key}" for key in texts)
                raise DataError(f"{file.name}: {keys} name one column, expected different ones")
            inputs = self._input_columns(columns, taken)
            if like is not None:
                inputs = _in_order(inputs, columns, like)
            return file.read(inputs, texts)

    def _input_columns(self, columns: Columns, taken: set[int]) -> list[int]:
        """The columns of inputs, without those that have another purpose."""
        if self.ignore != "none":
            taken = taken | set(columns.several(self.ignore, "data.ignore"))
        inputs = [c for c in columns.several(self.columns, "data.columns") if c not in taken]
        if not inputs:
            raise DataError(f"{columns.table}: no column of inputs (set data.columns)")
        for column in inputs if self.header and self.columns == ALL else ():
            if not columns.names[column]:
                raise DataError(
                    f"{columns.table}: column {column} has no name (set data.ignore: {column} if "
                    "it is no input, such as the index that pandas writes)"
                )
        return inputs

    def _inputs(self, table: Table, kind: np.dtype[Any]) -> Array:
        """The inputs of a part: (N, H, W, C), or (N, d) without a shape."""
        x = table.numbers.astype(kind, copy=False)
        if self.shape == "none":
            return x
        size, count = math.prod(self.shape), x.shape[1]
        if size != count:
            product = " x ".join(map(str, self.shape))
            hint = "set data.shape, data.columns or data.ignore"
            if count - size == 1 and table.columns[0]:
                hint = f"is {printable(table.columns[0])} an input? {hint}"
            raise DataError(
                f"{table.name}: {pluralize(count, 'column')} of inputs, data.shape expects "
                f"{product} = {size:,} ({hint})"
            )
        return x.reshape(-1, *self.shape, *([1] if len(self.shape) == 2 else []))


def _counting_columns(table: Table) -> Iterator[str]:
    """A warning for each column of inputs that counts the rows, as a number of the sample does."""
    first = table.numbers[:FEW].astype(np.float64)
    counting = np.flatnonzero((np.diff(first, axis=0) == 1).all(axis=0))
    for column in counting.tolist() if len(table.numbers) > FEW else ():
        if (np.diff(table.numbers[:, column].astype(np.float64)) == 1).all():
            name = printable(table.columns[column] or column)
            yield f"{table.name}: column {name} counts the rows: is it an input? (set data.ignore)"


def _by_part(table: Table) -> dict[str, Table]:
    """The rows of each part that a column names."""
    found = table.texts["part"]
    if "train" not in found.words:
        raise DataError(f"{table.name}: no row of the part train")
    return {name: table.rows(found.array == name) for name in PARTS if name in found.words}


def _in_order(inputs: list[int], columns: Columns, like: Sequence[str]) -> list[int]:
    """The columns of inputs, ordered as those of the training part, called `like`.  Raises
    DataError where they are not the same."""
    place = {columns.names[column]: column for column in inputs}
    if "" in place and len(inputs) == len(like):  # by number
        return inputs
    if place.keys() == set(like) and len(inputs) == len(like):
        return [place[name] for name in like]
    missing = next((name for name in like if name not in place), None)
    other = next((name for name in place if name not in like), None)
    if missing:
        detail = f"no column {printable(missing)}"
    elif other:
        detail = f"another column of inputs, {printable(other)}"
    else:
        detail = f"{pluralize(len(inputs), 'column')} of inputs, expected {len(like):,}"
    raise DataError(f"{columns.table}: {detail}, as in the training part")


def _label_fault(text: str) -> str | None:
    if not NUMBER.fullmatch(text) and text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return f"holds '{printable(text)}', expected a label"
    return None


def _part_fault(text: str) -> str | None:
    if text in PARTS:
        return None
    close = nearest(text, PARTS)
    hint = f" (did you mean {close}?)" if close else ""
    return f"holds '{printable(text, 40)}', expected one of {', '.join(PARTS)}{hint}"


_CHECKS: dict[str, Check] = {
    "label": _label_fault,
    "part": _part_fault,
    "group": lambda text: None,  # anything, and needed in the training part only
}
