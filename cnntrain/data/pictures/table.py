"""Pictures named in a table: a CSV file with the columns file and label, and part, too."""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from cnntrain.data.examples import PARTS
from cnntrain.data.formats.safe_read import unreadable
from cnntrain.data.pictures.listing import Listing, Picture, listed
from cnntrain.errors import DataError
from cnntrain.files import read_bytes
from cnntrain.text import nearest, printable, shown_path

REQUIRED, OPTIONAL = ("file", "label"), ("part",)
REAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
WHOLE = re.compile(r"[+-]?\d+")


def list_table(table: Path, directory: Path, group: str = "none") -> Listing:
    """The pictures that `table` names, relative to `directory`.

    group   the column that tells which of them belong together, or none

    Without a column part all are of the training part.  Labels are classes, as they are written,
    or real numbers of a regression where all are numbers and one has a point or an exponent.
    Raises DataError, with the line.
    """
    parts: dict[str, list[Picture]] = {part: [] for part in PARTS}
    first: dict[str, int] = {}
    reals, names = list[tuple[int, str]](), list[tuple[int, str]]()
    for line, row in _rows(table, group):
        name = row["file"]
        path = str(directory / name)
        place = os.path.normpath(path)
        if place in first:
            _refuse(table, line, f"{shown_path(name)} stands in line {first[place]} already")
        first[place] = line
        part = row.get("part", "train")
        if part not in parts:
            close = nearest(part.lower(), PARTS)
            hint = f" (did you mean {close}?)" if close else ""
            _refuse(table, line, f"part {printable(part)}, expected {', '.join(PARTS)}{hint}")
        label = row["label"]
        (reals if REAL.fullmatch(label) else names).append((line, label))
        parts[part].append(Picture(name, path, label, row.get(group)))
    parts = {
        part: sorted(pictures, key=lambda picture: picture.order)
        for part, pictures in parts.items()
        if pictures
    }
    if "train" not in parts:
        raise DataError(f"{shown_path(table)} names no picture of the training part")
    if all(WHOLE.fullmatch(label) for _, label in reals):
        return Listing(parts, listed(parts, table))
    for line, label in names[:1]:
        _refuse(table, line, f"label {printable(label)}, expected a number as in other lines")
    for line, label in reals:
        if not math.isfinite(float(label)):
            _refuse(table, line, f"label {printable(label)} is too large a number")
    return Listing(parts, None)


def _rows(table: Path, group: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows by column, each with the number of its line."""
    try:
        text = read_bytes(table).decode("utf-8-sig")
    except OSError as error:
        raise unreadable(table, error) from None
    except UnicodeDecodeError:
        raise DataError(f"{shown_path(table)} is no text in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [column.strip() for column in next(reader, [])]
        _check_columns(columns, table, group)
        for row in reader:
            line = reader.line_num
            if not row:
                continue
            if len(row) != len(columns):
                _refuse(table, line, f"{len(row)} fields, expected {len(columns)}")
            values = dict(zip(columns, row, strict=True))
            for column, value in values.items():
                if not value.strip() or "\0" in value:
                    _refuse(table, line, f"no {column}")
            yield line, values
    except csv.Error as error:
        _refuse(table, reader.line_num, f"not a row of a CSV file ({printable(error)})")


def _check_columns(columns: list[str], table: Path, group: str) -> None:
    place, grouped = shown_path(table), () if group == "none" else (group,)
    known = (*REQUIRED, *OPTIONAL, *grouped)
    for column in columns:
        if column not in known:
            close = nearest(column.lower(), known)
            hint = f" (did you mean {close}?)" if close else ""
            if "group" in column.lower() and not grouped:
                hint = f" (is it data.group: {printable(column)}?)"
            raise DataError(
                f"{place}: column {printable(column)}, expected {printable(', '.join(known))}{hint}"
            )
        if columns.count(column) > 1:
            raise DataError(f"{place}: two columns {printable(column)}")
    for column in (*REQUIRED, *grouped):
        if column not in columns:
            found = printable(", ".join(columns)) or "none"
            raise DataError(
                f"{place}: no column {printable(column)} in its first line (found {found})"
            )


def _refuse(table: Path, line: int, problem: str) -> NoReturn:
    raise DataError(f"{shown_path(table)}:{line}: {problem}")
