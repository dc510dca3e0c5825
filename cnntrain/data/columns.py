"""Which columns of a table play which part: found by name, by a pattern of names, or by number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnntrain.errors import DataError
from cnntrain.text import nearest, pluralize, printable

Column = str | int  # a name or a pattern, or a number from 0, or from the end: -1 is the last
ALL = "*"


@dataclass(frozen=True)
class Columns:
    """The columns of a table, which messages call `table`.

    names   in their order, "" for those without
    """

    table: str
    names: Sequence[str]

    def one(self, column: Column, key: str) -> int:
        """The column that the setting `key` names.  Raises DataError where there is none."""
        if isinstance(column, int):
            return self._numbered(column, key)
        if column in self.names:
            return self.names.index(column)
        close = nearest(column, filter(None, self.names))
        hint = f"did you mean {printable(close)}?" if close else f"set {key}"
        shown = printable(", ".join(filter(None, self.names)), 60) or "none with a name"
        raise DataError(f"{self.table}: no column {printable(column)}, there are {shown} ({hint})")

    def several(self, columns: Iterable[Column], key: str) -> list[int]:
        """The columns that the setting `key` names, in its order, those of a pattern in that of the
        table; none twice.  Raises DataError where an entry names none."""
        found: dict[int, None] = {}
        for column in columns:
            found |= dict.fromkeys(self._matching(column, key))
        return list(found)

    def _matching(self, column: Column, key: str) -> list[int]:
        if column == ALL:
            return [*range(len(self.names))]
        if isinstance(column, int) or column in self.names or not _is_pattern(column):
            return [self.one(column, key)]
        pattern = re.compile(_expression(column))
        matching = [i for i, name in enumerate(self.names) if name and pattern.fullmatch(name)]
        if not matching:
            raise DataError(
                f"{self.table}: no column matches {printable(column)}, there are "
                f"{printable(', '.join(filter(None, self.names)), 60)} (set {key})"
            )
        return matching

    def _numbered(self, number: int, key: str) -> int:
        count = len(self.names)
        if not -count <= number < count:
            raise DataError(
                f"{self.table}: {key} is column {number}, there are {pluralize(count, 'column')}: "
                f"0 to {count - 1}"
            )
        return number % count


def _is_pattern(column: str) -> bool:
    return "*" in column or "?" in column


def _expression(pattern: str) -> str:
    """The regular expression for a pattern in which * stands for any characters, ? for one."""
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
