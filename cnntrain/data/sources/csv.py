"""Data sets in a table of text: a row a sample, with columns of numbers and one of labels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnntrain.data.columns import ALL, Column, Columns
from cnntrain.data.csv_files import NUMBER, Check, Table, Texts, open_csv
from cnntrain.data.dataset import PARTS, Examples, RawData
from cnntrain.data.labels import numbered
from cnntrain.data.sources.source import NO_NUL, FilePath, OptionalPath, Source
from cnntrain.errors import DataError
from cnntrain.settings import setting
from cnntrain.settings.types import (
    LARGEST,
    AList,
    AnInteger,
    AWord,
    Count,
    OrNone,
    from_list,
    tagged,
)
from cnntrain.text import nearest, pluralize, printable

Array = NDArray[Any]

_Number = Annotated[int, Field(ge=-LARGEST, le=LARGEST, title="the number of a column")]
_Name = Annotated[str, Field(pattern=NO_NUL, title="a name")]
_NoneOrName = Annotated[str, Field(pattern=NO_NUL, title="none, a name")]
_Pattern = Annotated[str, Field(pattern=NO_NUL, title="a name or a pattern")]
_NoneOrPattern = Annotated[str, Field(pattern=NO_NUL, title="none, a name or a pattern")]
AColumn = Annotated[Annotated[_Name, AWord] | Annotated[_Number, AnInteger], tagged()]
NoneOrColumn = Annotated[Annotated[_NoneOrName, AWord] | Annotated[_Number, AnInteger], tagged()]
_Entry = Annotated[Annotated[_Pattern, AWord] | Annotated[_Number, AnInteger], tagged()]
_Entries = Annotated[
    tuple[_Entry, ...],
    Field(min_length=1, title="a list of these"),
    from_list,
]
_NumberOrEntries = Annotated[_Number, AnInteger] | Annotated[_Entries, AList]
SomeColumns = Annotated[Annotated[_Pattern, AWord] | _NumberOrEntries, tagged()]
NoneOrSome = Annotated[Annotated[_NoneOrPattern, AWord] | _NumberOrEntries, tagged()]
ImageShape = Annotated[
    tuple[Count, ...],
    Field(min_length=2, max_length=3, title="a list [height, width] or [height, width, channels]"),
    from_list,
]
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


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
    validation_path: OptionalPath = setting("That of the validation part, if there is one.", None)
    test_path: OptionalPath = setting("That of the test part, if there is one.", None)
    label: AColumn = setting(
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
            for key in ("label", "columns", "ignore", "part", "group"):
                entries = values.get(key)
                for entry in entries if isinstance(entries, list) else [entries]:
                    if isinstance(entry, str) and entry not in (ALL, "none"):
                        yield (
                            key,
                            f"invalid data.{key}, found {printable(entry)}, expected a number (0 "
                            "is the first, -1 the last): with data.header false columns have no "
                            "names",
                        )

    def read(self) -> RawData:
        train = self._file(self.path)
        files = {"train": train}
        for part, path in (("validation", self.validation_path), ("test", self.test_path)):
            if path is not None:
                files[part] = self._file(path, train)
        parts = _by_part(train) if train.part is not None else files
        kind = np.result_type(*(part.x.dtype for part in parts.values()))
        targets, names = _targets({name: part.label for name, part in parts.items()})
        examples = {
            name: Examples(
                self._inputs(part, kind),
                targets[name],
                groups=None if part.group is None else _texts(part.group),
            )
            for name, part in parts.items()
        }
        return RawData(
            examples["train"], examples.get("validation"), examples.get("test"), class_names=names
        )

    def _file(self, path: str, like: _File | None = None) -> _File:
        """What the table at `path` holds, with the columns of inputs of another one."""
        with open_csv(Path(path), self.header, SEPARATORS[self.separator]) as file:
            columns = Columns(file.name, file.names)
            label = columns.one(self.label, "data.label")
            part = None if self.part == "none" else columns.one(self.part, "data.part")
            group = getattr(self, "group", "none")
            group = None if group == "none" else columns.one(group, "data.group")
            inputs = self._input_columns(columns, {label, part, group})
            if like is not None:
                inputs = _same(columns, inputs, like)
            checks: dict[int, Check] = {label: _label_fault}
            checks |= {} if part is None else {part: _part_fault}
            checks |= {} if group is None else {group: lambda text: None}
            table = file.read(inputs, checks)
        names = [file.names[column] for column in inputs]
        return _File.of(table, file.name, names, label, part, group)

    def _input_columns(self, columns: Columns, taken: set[int | None]) -> list[int]:
        """The columns of inputs, without those that have another purpose."""
        ignored = set() if self.ignore == "none" else set(_some(columns, self.ignore, "ignore"))
        chosen = _some(columns, self.columns, "columns")
        inputs = [column for column in chosen if column not in taken | ignored]
        if not inputs:
            raise DataError(f"{columns.table}: no column of inputs (set data.columns)")
        for column in inputs:
            if self.header and not columns.names[column] and self.columns == ALL:
                raise DataError(
                    f"{columns.table}: column {column} has no name (set data.ignore: {column} if "
                    "it is no input, such as the index that pandas writes)"
                )
        return inputs

    def _inputs(self, file: _File, kind: np.dtype[Any]) -> Array:
        """The inputs of a part: (N, H, W, C), or (N, d) without a shape."""
        x = file.x.astype(kind, copy=False)
        if self.shape == "none":
            return x
        size, count = math.prod(self.shape), x.shape[1]
        if size != count:
            product = " x ".join(map(str, self.shape))
            hint = "set data.shape, data.columns or data.ignore"
            if count - size == 1 and file.names[0]:
                hint = f"is {printable(file.names[0])} an input? {hint}"
            raise DataError(
                f"{file.name}: {pluralize(count, 'column')} of inputs, data.shape expects "
                f"{product} = {size:,} ({hint})"
            )
        return x.reshape(-1, *self.shape, *([1] if len(self.shape) == 2 else []))


@dataclass(frozen=True, eq=False)
class _File:
    """What a table holds, or the rows of one part; `names` are those of the columns of inputs."""

    name: str
    names: list[str]
    x: Array
    label: Texts
    part: Texts | None
    group: Texts | None

    @classmethod
    def of(
        cls,
        table: Table,
        name: str,
        names: list[str],
        label: int,
        part: int | None,
        group: int | None,
    ) -> _File:
        texts = table.texts
        return cls(
            name,
            names,
            table.numbers,
            texts[label],
            None if part is None else texts[part],
            None if group is None else texts[group],
        )

    def rows(self, chosen: Array) -> _File:
        """Those that are `chosen`, (N,) bool."""
        label, group = (_rows(texts, chosen) for texts in (self.label, self.group))
        assert label is not None
        return _File(self.name, self.names, self.x[chosen], label, None, group)


def _rows(texts: Texts | None, chosen: Array) -> Texts | None:
    return None if texts is None else Texts(texts.words, texts.codes[chosen])


def _by_part(file: _File) -> dict[str, _File]:
    """The rows of each part that a column names."""
    assert file.part is not None
    if "train" not in file.part.words:
        raise DataError(f"{file.name}: no row of the part train")
    of_rows = np.array(file.part.words)[file.part.codes]
    return {name: file.rows(of_rows == name) for name in PARTS if name in file.part.words}


def _some(columns: Columns, chosen: Column | tuple[Column, ...], key: str) -> list[int]:
    entries = chosen if isinstance(chosen, tuple) else (chosen,)
    return columns.several(entries, f"data.{key}")


def _same(columns: Columns, inputs: list[int], like: _File) -> list[int]:
    """The columns of inputs in the order of another table.  Raises DataError where they differ."""
    names = [columns.names[column] for column in inputs]
    if sorted(names) == sorted(like.names):
        return [inputs[names.index(name)] for name in like.names] if all(names) else inputs
    missing = next((name for name in like.names if name not in names), None)
    other = next((name for name in names if name not in like.names), None)
    if missing is None and other is None:
        detail = f"{len(names):,} columns of inputs, expected {len(like.names):,}"
    elif missing is None:
        detail = f"another column of inputs, {printable(other)}"
    else:
        detail = f"no column {printable(missing)}"
    raise DataError(f"{columns.table}: {detail}, as in {like.name}")


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


def _texts(texts: Texts) -> Array:
    """The text in each row, (N,)."""
    return np.array(texts.words)[texts.codes]


def _targets(labels: Mapping[str, Texts]) -> tuple[dict[str, Array], tuple[str, ...] | None]:
    """Labels (N,) int64 or targets (N, 1) by part, and the names of classes that are text."""
    words = [word for texts in labels.values() for word in texts.words]
    if all(WHOLE.fullmatch(word) for word in words):
        return {part: _values(texts, int) for part, texts in labels.items()}, None
    if all(NUMBER.fullmatch(word) for word in words):
        return {part: _values(texts, float)[:, None] for part, texts in labels.items()}, None
    return numbered({part: _texts(texts) for part, texts in labels.items()}, None)


def _values(texts: Texts, kind: type[int] | type[float]) -> Array:
    values: Sequence[int | float] = [kind(word) for word in texts.words]
    return np.array(values, dtype=np.int64 if kind is int else np.float64)[texts.codes]
