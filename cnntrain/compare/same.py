"""Whether two runs are the same, epoch by epoch."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from cnntrain.compare.runs import metrics


@dataclass(frozen=True)
class Difference:
    """Where two metrics.csv differ: the first epoch and column with both cells, and the largest
    relative difference of all numbers, with its place."""

    epoch: str
    column: str
    cells: tuple[str, str]
    largest: float
    largest_at: tuple[str, str]

    def as_json(self) -> dict[str, Any]:
        """As `compare --same --json` prints it; an infinite difference is null."""
        return {**asdict(self), "largest": self.largest if math.isfinite(self.largest) else None}


def difference(first: str, second: str) -> Difference | None:
    """How the runs at two paths differ; None if all rows are the same, cell by cell.

    A row that only one of them has differs infinitely.  Raises CheckpointError.
    """
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
    """|a - b| / max(|a|, |b|); infinite where they are no two numbers."""
    try:
        a, b = float(one), float(other)
    except ValueError:
        return math.inf
    scale = max(abs(a), abs(b))
    gap = abs(a - b) / scale if scale else 0.0
    return gap if math.isfinite(gap) else math.inf
