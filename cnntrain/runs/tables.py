"""Reading metrics.csv, timings.csv, steps.csv and layers.csv."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter, ValidationError

from cnntrain.errors import CheckpointError, NotFoundError, StorageError
from cnntrain.runs.rows import LayerRow, Row, StepRow, Timing
from cnntrain.storage import disk
from cnntrain.text import printable, shown_path

Kind = TypeVar("Kind", Row, StepRow, LayerRow, Timing)

# From text to rows: only known columns, and finite numbers.
_CELLS = ConfigDict(extra="forbid", allow_inf_nan=False)
_ROWS: dict[type, TypeAdapter[Any]] = {
    Row: TypeAdapter(list[Row], config=_CELLS),
    StepRow: TypeAdapter(list[StepRow], config=_CELLS),
    LayerRow: TypeAdapter(list[LayerRow], config=_CELLS),
    Timing: TypeAdapter(list[Timing], config=_CELLS),
}


@dataclass(frozen=True)
class Table:
    """A table as it stands in its file: the names of its columns, and the text of each cell."""

    path: Path
    columns: list[str]
    rows: list[dict[str, str]]

    def parse(self, kind: type[Kind]) -> list[Kind]:
        """The rows as records of the `kind` that the file holds.

        Raises CheckpointError where a column or a number is not what a run writes.
        """
        cells = [{name: text or None for name, text in row.items()} for row in self.rows]
        if kind is Row:  # a run measures something in all epochs, or in none
            for name in self.columns:
                empty = [row[name] is None for row in cells]
                if len(set(empty)) > 1:
                    self._refuse(empty.index(True), name, "empty in some epochs only")
        try:
            found: list[Kind] = _ROWS[kind].validate_python(cells)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            number, *column = problem["loc"]
            self._refuse(int(number), ".".join(map(str, column)), problem["msg"])
        return found

    def _refuse(self, row: int, column: str, problem: str) -> NoReturn:
        what = printable(f"row {row + 1}: {column}", 200)
        place = shown_path(self.path)
        raise CheckpointError(f"{place} is not what a run writes ({what}: {problem})") from None

    def arrays(self, kind: type[Kind]) -> dict[str, NDArray[np.float64]]:
        """The columns by name, NaN for an empty cell.  Raises CheckpointError as `parse` does."""
        rows = self.parse(kind)
        return {
            name: np.array([getattr(row, name) for row in rows], dtype=np.float64)
            for name in self.columns
        }


def read_table(path: Path) -> Table:
    """The table in a file.  A last line that is still being written is left out.

    Raises NotFoundError where there is no such file, CheckpointError where it cannot be read or is
    no table.
    """
    place = shown_path(path)
    try:
        content = disk.read(path)
        if content is None:
            raise NotFoundError(f"no {path.name} in {shown_path(path.parent)}")
        whole, end, _ = content.decode().rpartition("\n")
        lines = [*csv.reader((whole + end).splitlines(keepends=True), strict=True)]
    except StorageError as error:
        raise CheckpointError(str(error)) from None
    except (ValueError, csv.Error) as error:
        raise CheckpointError(f"cannot read {place}: {printable(error)}") from None
    header = lines[0] if lines else []
    if any(len(line) != len(header) for line in lines):
        raise CheckpointError(f"{place}: a row has another number of cells than the header")
    return Table(path, header, [dict(zip(header, line, strict=True)) for line in lines[1:]])


def rows_up_to(content: bytes, columns: Sequence[str], last: int) -> list[str]:
    """The whole rows of a table with these columns whose number, in the first one, is from 1 to
    `last`; anything else is left out."""
    lines = content.decode(errors="replace").splitlines()
    return [line for line in lines if 1 <= _number(line, len(columns)) <= last]


def _number(line: str, columns: int) -> int:
    """The number in the first column of a row, 0 for another line or a part of one."""
    first, *others = line.split(",")
    whole = len(others) + 1 == columns and first.isdecimal() and len(first) < 20
    return int(first) if whole else 0
