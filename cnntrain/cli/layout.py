"""Tables that fit the terminal: long titles on several lines, what can be spared left out."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

GAP = "  "
USUAL = 100  # characters of a line where there is no terminal
_WORD = re.compile(r"[^ .]*\.?")  # what stays on one line
SHORT = 30  # characters of a cell that may stand beside others


@dataclass(frozen=True)
class Column:
    """A column of a table.

    title   it may be cut after a blank, and after a dot where space is short
    spare   the larger, the earlier the column is left out where space is short; 0: never
    """

    title: str
    cells: Sequence[str]
    left: bool = False
    spare: int = 0


def line_width() -> int:
    """Characters of a line: those of the terminal, or what COLUMNS says."""
    return shutil.get_terminal_size((USUAL, 1)).columns


def fitting(columns: Iterable[Column], width: int) -> list[Column] | None:
    """The columns, without as many as must be spared for lines of `width`; None: too many."""
    kept = list(columns)
    while table_width(kept) > width:
        spared = max(kept, key=lambda column: column.spare, default=None)
        if spared is None or not spared.spare:
            return None
        kept.remove(spared)
    return kept


def table_width(columns: Sequence[Column]) -> int:
    """Characters of a line of the table, at the least."""
    return sum(_width(column, tight=True) for column in columns) + len(GAP) * (len(columns) - 1)


def table_text(columns: Sequence[Column], width: int) -> str:
    """The table; titles are cut after dots only where it is wider than `width` otherwise."""
    loose = sum(_width(column, tight=False) + len(GAP) for column in columns) - len(GAP)
    widths = [_width(column, tight=loose > width) for column in columns]
    titles = [_title(column, size) for column, size in zip(columns, widths, strict=True)]
    height = max(map(len, titles), default=0)
    tall = [[""] * (height - len(title)) + title for title in titles]
    lines = zip(*([*head, *c.cells] for head, c in zip(tall, columns, strict=True)), strict=True)
    return "\n".join(_line(cells, columns, widths) for cells in lines)


def transposed(titles: Sequence[str], rows: Mapping[str, Sequence[str]], width: int) -> str:
    """A line for each of `rows`, by its name, and a column for each title; below it the rows with
    long cells, a line a title.  Where that is too wide, a paragraph for each title."""
    long = {name: cells for name, cells in rows.items() if max(map(len, cells)) > SHORT}
    short = {name: cells for name, cells in rows.items() if name not in long}
    columns = [Column("", list(short), left=True)]
    columns += map(Column, titles, zip(*short.values(), strict=True))
    if table_width(columns) > width:
        pairs = [
            [f"{name}={cell}" for name, cell in zip(rows, cells, strict=True) if cell != "-"]
            for cells in zip(*rows.values(), strict=True)
        ]
        return "\n".join(
            "\n".join([title, *_wrapped(pieces, width)])
            for title, pieces in zip(titles, pairs, strict=True)
        )
    parts = [table_text(columns, width)] if short else []
    margin = max(map(len, titles)) + len(GAP)
    for name, cells in long.items():
        lines = [name]
        for title, cell in zip(titles, cells, strict=True):
            start = GAP + title.ljust(margin)
            lines += textwrap.wrap(
                cell,
                max(width, 2 * margin),
                initial_indent=start,
                subsequent_indent=" " * len(start),
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def end_of(text: str, limit: int) -> str:
    """The last `limit` characters of a name, by which names differ most."""
    return text if len(text) <= limit else f"...{text[3 - limit :]}"


def _wrapped(pieces: Iterable[str], width: int) -> list[str]:
    """Pieces on indented lines; one is broken only where it is longer than a line."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(lines[-1]) + len(GAP) + len(piece) <= width:
            lines[-1] += GAP + piece
        else:
            lines += textwrap.wrap(
                piece, max(width, 20), initial_indent=GAP, subsequent_indent=2 * GAP
            )
    return lines[1:]


def _width(column: Column, tight: bool) -> int:
    """That of the widest cell, or else of the title: cut into words, or into two lines at most."""
    words = column.title.split(" ")
    halves = ((" ".join(words[:k]), " ".join(words[k:])) for k in range(len(words)))
    parts = (
        _WORD.findall(column.title) if tight else min(halves, key=lambda pair: max(map(len, pair)))
    )
    return max(map(len, [*parts, *column.cells]), default=0)


def _title(column: Column, width: int) -> list[str]:
    """The lines of a title that are no longer than `width`."""
    lines = [""]
    for word in re.findall(f" ?{_WORD.pattern}", column.title):
        if len(lines[-1] + word) <= width:
            lines[-1] += word
        else:
            lines.append(word.lstrip())
    return lines


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    aligned = (
        cell.ljust(width) if column.left else cell.rjust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return GAP.join(aligned).rstrip()
