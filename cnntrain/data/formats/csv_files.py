"""Tables of text: a row a line, cells between commas or the like; plain or compressed with gzip.

A cell may stand in double quotes, which may hold separators but no line break, so that a row is a
line and messages can name it.  Empty lines are passed over.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.formats.csv_cells import NUMBER, Check, number_fault, text_fault
from cnntrain.data.formats.csv_lines import numbered_lines
from cnntrain.data.formats.csv_table import Table, Texts, compact, joined
from cnntrain.data.formats.safe_read import open_unpacked
from cnntrain.errors import DataError
from cnntrain.text import printable, shown_path

Array = NDArray[Any]

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
CELLS = 2**20  # numbers that are read at a time


@contextmanager
def open_csv(path: Path, header: bool, separator: str) -> Iterator[CsvFile]:
    """The table in the file at `path`.  Raises DataError, also while it is read.

    header      whether the first line names the columns
    separator   one of SEPARATORS
    """
    with open_unpacked(path) as (file, _):
        yield CsvFile(file, shown_path(path), header, SEPARATORS[separator])


class CsvFile:
    """A table whose columns are known and whose rows are to be read.

    name    the file in messages
    names   of its columns in their order, "" for those without; all of them "" without a header
    """

    def __init__(self, file: IO[bytes], name: str, header: bool, separator: str) -> None:
        self.name, self._separator = name, separator
        self._lines = numbered_lines(file, name)
        first = next(self._lines, None)
        if first is None:
            raise DataError(f"{name}: holds nothing")
        cells = [cell.strip() for cell in self._cells(*first)]
        others = [word for word, character in SEPARATORS.items() if character in first[1]]
        if len(cells) == 1 and others:
            raise DataError(
                f"{name}:{first[0]}: one column (is there a {others[0]} between cells? set "
                f"data.separator: {others[0]})"
            )
        self._first = first[0]
        if header:
            self.names = tuple(cells)
            self._check_names(first[0])
        else:
            self.names = ("",) * len(cells)
            self._lines = _chained(first, self._lines)

    def called(self, column: int) -> str:
        """A column in a message: by its name, or else by its number from 0."""
        return f"column {printable(self.names[column] or column)}"

    def read(self, numbers: Sequence[int], texts: Mapping[str, tuple[int, Check]]) -> Table:
        """The rest of the table.  Raises DataError where a cell does not hold what it should, by
        its line.

        numbers   the columns that hold numbers
        texts     the columns that hold text, each with what it may be, by what they are for
        """
        words: dict[str, dict[str, int]] = {key: {} for key in texts}
        converters: dict[int | str, Callable[[str], Any]]
        converters = {
            column: _numbered(words[key], check) for key, (column, check) in texts.items()
        }
        checks = dict(texts.values())
        blocks, codes = [], []
        height = max(1, CELLS // len(self.names))
        while chunk := list(islice(self._lines, height)):
            try:
                values = np.loadtxt(
                    self._whole_rows(chunk),
                    delimiter=self._separator,
                    comments=None,
                    quotechar='"',
                    usecols=[*numbers, *checks],
                    converters=converters,
                    ndmin=2,
                )
            except ValueError as error:
                raise self._fault(chunk, numbers, checks, printable(error)) from None
            block = values[:, : len(numbers)]
            if not np.isfinite(block).all():
                raise self._fault(chunk, numbers, checks, "numbers that are not finite")
            blocks.append(compact(block))
            codes.append(values[:, len(numbers) :].astype(np.int64))
        if not blocks:
            raise DataError(f"{self.name}: holds no row below its header")
        coded = zip(words.items(), np.concatenate(codes).T, strict=True)
        return Table(
            self.name,
            [self.names[column] for column in numbers],
            joined(blocks),
            {key: Texts(list(known), column) for (key, known), column in coded},
        )

    def _cells(self, number: int, line: str) -> list[str]:
        """The cells of a line."""
        if '"' not in line:
            return line.split(self._separator)
        if line.count('"') % 2:
            raise DataError(f"{self.name}:{number}: a quote without its counterpart")
        try:
            return next(csv.reader([line], delimiter=self._separator))
        except csv.Error as error:  # a cell of more than 131,072 characters
            raise DataError(f"{self.name}:{number}: {printable(error)}") from None

    def _whole_rows(self, chunk: list[tuple[int, str]]) -> Iterator[str]:
        """The lines, each with a cell for every column."""
        width = len(self.names)
        for number, line in chunk:
            if line.count(self._separator) + 1 != width or '"' in line:
                found = len(self._cells(number, line))
                if found != width:
                    raise DataError(f"{self.name}:{number}: {found} cells, expected {width}")
            yield line

    def _check_names(self, number: int) -> None:
        """Names tell columns apart, and are none of the data."""
        place, names = f"{self.name}:{number}", [name for name in self.names if name]
        headless = "(set data.header: false if no line names the columns)"
        numeric = all(NUMBER.fullmatch(name) for name in names)
        if numeric and not _count(self.names):
            raise DataError(f"{place}: numbers, expected the names of the columns {headless}")
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            hint = f" {headless}" if NUMBER.fullmatch(twice) else ""
            raise DataError(f"{place}: two columns are called {printable(twice)}{hint}")

    def _fault(
        self,
        chunk: list[tuple[int, str]],
        numbers: Sequence[int],
        checks: Mapping[int, Check],
        otherwise: str,
    ) -> DataError:
        """The first fault in the lines, which cannot be read."""
        for number, line in chunk:
            cells = [cell.strip() for cell in self._cells(number, line)]
            faults = {column: number_fault(cells[column]) for column in numbers}
            faults |= {column: text_fault(cells[column], check) for column, check in checks.items()}
            for column, fault in sorted(faults.items()):
                if fault is not None:
                    named = number == self._first and all(map(number_fault, cells))
                    hint = " (leave data.header out if line 1 names the columns)" if named else ""
                    place = f"{self.name}:{number}: {self.called(column)}"
                    return DataError(f"{place} {fault}{hint}")
        return DataError(f"{self.name}: {otherwise}")


def _chained(first: tuple[int, str], rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from rest


def _numbered(words: dict[str, int], check: Check) -> Callable[[str], Any]:
    """From the text in a cell to its number in `words`, which grows by it."""

    def number(cell: str) -> int:
        text = cell.strip()
        found = words.get(text)
        if found is None:
            if text_fault(text, check) is not None:
                raise ValueError
            found = words[text] = len(words)
        return found

    return number


def _count(names: Sequence[str]) -> bool:
    """Whether the names are numbers that count up, as of columns that somebody has numbered."""
    start = int(names[0]) if re.fullmatch("[01]", names[0]) else 0
    return list(names) == [str(start + i) for i in range(len(names))]
