"""Two runs side by side, epoch by epoch: are they the same?"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from cnntrain.comparison.runs import metrics, read_run
from cnntrain.errors import NotFoundError
from cnntrain.text import shown_path


@dataclass(frozen=True)
class Difference:
    """The difference of two runs, as their metrics.csv have it.

    epoch, column        the first cell in which they differ
    cells                its two contents
    largest, largest_at  the largest relative difference of two cells, and their epoch and column
    """

    epoch: str
    column: str
    cells: tuple[str, str]
    largest: float
    largest_at: tuple[str, str]

    def as_json(self) -> dict[str, Any]:
        """As `compare --same --json` prints it; an infinite difference is null."""
        return {**asdict(self), "largest": self.largest if math.isfinite(self.largest) else None}


def difference(first: str, second: str) -> Difference | None:
    """The difference of the runs at two paths; None if all rows are the same, cell by cell.

    A row that only one of them has differs infinitely.  Raises NotFoundError and CheckpointError.
    """
    for path in (first, second):
        if read_run(path) is None:
            raise NotFoundError(f"no run in {shown_path(path)}")
    found: list[tuple[str, str, tuple[str, str], float]] = []
    pairs = zip_longest(metrics(first).rows, metrics(second).rows, fillvalue=None)
    for number, (one, other) in enumerate(pairs, start=1):
        if one is None or other is None:
            there = ("none", "a row") if one is None else ("a row", "none")
            found.append((str(number), "epoch", there, math.inf))
            continue
        for column in {**one, **other}:
            cells = one.get(column, ""), other.get(column, "")
            if cells[0] != cells[1]:
                found.append((str(number), column, cells, _relative(*cells)))
    if not found:
        return None
    epoch, column, cells, _ = found[0]
    worst = max(found, key=lambda entry: entry[3])
    return Difference(epoch, column, cells, worst[3], (worst[0], worst[1]))


def _relative(one: str, other: str) -> float:
    """|a - b| / max(|a|, |b|); infinite unless both are numbers."""
    try:
        a, b = float(one), float(other)
    except ValueError:
        return math.inf
    scale = max(abs(a), abs(b))
    gap = abs(a - b) / scale if scale else 0.0
    return gap if math.isfinite(gap) else math.inf
