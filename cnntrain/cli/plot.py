"""Curves over the epochs, in characters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

WIDEST_STEP = 6  # characters from one epoch to the next
BOTH = "="  # where curves meet
LOG_FROM = 100.0  # largest over smallest value from which on a scale is logarithmic


def plot(
    title: str,
    epochs: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    shown: Callable[[float], str],
    best: int | None = None,
    width: int = 60,
    height: int = 8,
) -> str:
    """Curves over `epochs`, each drawn with its sign, on one scale; NaN is left out.

    title   what is drawn, above the axis
    shown   a value as a label of the axis
    best    the epoch to be marked below the axis
    width   of the whole, in characters

    Where curves meet there is another sign.  The scale is logarithmic where values differ by a
    factor of 100 or more.  The title says so.
    """
    known = [value for curve in curves.values() for value in curve if math.isfinite(value)]
    if not known:
        return f"{title}: no finite value"
    low, high = min(known), max(known)
    logarithmic = low > 0 and high / low >= LOG_FROM
    scale = math.log if logarithmic else float
    labels = [shown(high), *[""] * (height - 2), shown(low)]
    margin = max(map(len, labels))
    room = max(width - margin - 3, 1)
    columns = min(room, len(epochs))
    step = min(room // columns, WIDEST_STEP)
    bottom, span = scale(low), scale(high) - scale(low) or 1.0

    grid = [[" "] * (columns * step) for _ in range(height)]
    for sign, curve in curves.items():
        for column in range(columns):
            value = curve[_index(column, columns, len(epochs))]
            if math.isfinite(value):
                level = round((height - 1) * (1 - (scale(value) - bottom) / span))
                there = grid[level][column * step]
                grid[level][column * step] = sign if there == " " else BOTH
    rows = [
        f"{label.rjust(margin)} | {''.join(line).rstrip()}".rstrip()
        for label, line in zip(labels, grid, strict=True)
    ]
    axis = f"{' ' * margin} +{'-' * (columns * step + 1)}"
    marks = [(0, str(epochs[0]))]
    if len(epochs) > 1:
        marks.append(((columns - 1) * step, str(epochs[-1])))
    if best in epochs[1:-1]:
        column = min(
            range(columns),
            key=lambda c: abs(_index(c, columns, len(epochs)) - epochs.index(best)),
        )
        marks.insert(1, (column * step, f"^ best {best}"))
    foot = f"{' ' * (margin + 3)}{_line(marks)} epoch"
    notes = [f"{BOTH} both"] if any(BOTH in line for line in grid) else []
    notes += ["log scale"] if logarithmic else []
    return "\n".join([", ".join([title, *notes]), *rows, axis, foot])


def _index(column: int, columns: int, count: int) -> int:
    """Which of `count` values a column shows: the first and the last ones at the ends."""
    return column * (count - 1) // max(columns - 1, 1)


def _line(marks: Sequence[tuple[int, str]]) -> str:
    """Texts at their columns, or behind the one before."""
    line = ""
    for at, text in marks:
        line = (f"{line} " if line else "").ljust(at) + text
    return line
