"""Which columns of a table play which part: found by name, by a pattern of names, or by number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from cnntrain.errors import DataError
from cnntrain.settings.types import LARGEST, AList, AnInteger, AWord, from_list, tagged
from cnntrain.text import nearest, pluralize, printable

Column = str | int  # a name or a pattern, or a number from 0, or from the end: -1 is the last
ALL = "*"

# As types of settings.
NO_NUL = r"^[^\x00]+$"
_Number = Annotated[int, Field(ge=-LARGEST, le=LARGEST, title="the number of a column")]
_Name = Annotated[str, Field(pattern=NO_NUL, title="a name")]
_NoneOrName = Annotated[str, Field(pattern=NO_NUL, title="none, a name")]
_Pattern = Annotated[str, Field(pattern=NO_NUL, title="a name or a pattern")]
_NoneOrPattern = Annotated[str, Field(pattern=NO_NUL, title="none, a name or a pattern")]
OneColumn = Annotated[Annotated[_Name, AWord] | Annotated[_Number, AnInteger], tagged()]
NoneOrColumn = Annotated[Annotated[_NoneOrName, AWord] | Annotated[_Number, AnInteger], tagged()]
_Entry = Annotated[Annotated[_Pattern, AWord] | Annotated[_Number, AnInteger], tagged()]
_Entries = Annotated[tuple[_Entry, ...], Field(min_length=1, title="a list of these"), from_list]
_NumberOrEntries = Annotated[_Number, AnInteger] | Annotated[_Entries, AList]
SomeColumns = Annotated[Annotated[_Pattern, AWord] | _NumberOrEntries, tagged()]
NoneOrSome = Annotated[Annotated[_NoneOrPattern, AWord] | _NumberOrEntries, tagged()]


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

    def several(self, columns: Column | tuple[Column, ...], key: str) -> list[int]:
        """The columns that the setting `key` names, in its order, those of a pattern in that of the
        table; none twice.  Raises DataError where an entry names none."""
        found: dict[int, None] = {}
        for column in columns if isinstance(columns, tuple) else (columns,):
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
