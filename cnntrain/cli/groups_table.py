"""The table of a sweep: a line for each combination of settings, that fits the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from cnntrain.cli.layout import (
    GAP,
    SHORT,
    Column,
    fitting,
    line_width,
    table_text,
    table_width,
    transposed,
)
from cnntrain.comparison.estimate_text import estimate_text
from cnntrain.comparison.folds import title
from cnntrain.config.source.writer import flow
from cnntrain.metrics import MEASURES, METRICS
from cnntrain.sweeps.groups import Group
from cnntrain.text import printable

BAR, LEAST = 24, 8  # characters of the longest bar, at the most and at the least


def groups_table(found: Sequence[Group], measure: str, marked: Group | None = None) -> str:
    """A line for each group: settings, means with standard deviations, and a bar for `measure`.

    marked   the group that gets an asterisk

    Settings that find no place in the table stand below it, by number.
    """
    width, results = line_width(), _results(found, measure)
    if marked is not None:
        results.append(Column("", ["*" if group is marked else "" for group in found]))
    settings = {
        printable(key, 200): [printable(flow(group.settings[key]), 2000) for group in found]
        for key in found[0].settings
    }
    inside = [Column(key, values) for key, values in settings.items()]
    short = all(len(cell) <= SHORT for column in inside for cell in column.cells)
    columns = fitting([*inside, *results], width) if short else None
    above = title([group.folds for group in found])
    below = ""
    if columns is None:
        numbers = [str(number) for number in range(1, len(found) + 1)]
        below = "\n\n" + transposed(numbers, settings, width)
        numbered = [Column("", numbers), *results]
        columns = fitting(numbered, width) or [one for one in numbered if not one.spare]
    room = min(width - table_width(columns) - len(GAP), BAR)
    if room >= LEAST:
        columns.append(Column("", _bars(found, measure, room), left=True))
        below = f"\n(bars: {_title(measure)}){below}"
    return (above and f"{above}\n") + table_text(columns, width) + below


def _results(found: Sequence[Group], measure: str) -> list[Column]:
    shown = {"train_loss": 3, measure: 0}
    if measure != "train_risk":
        shown |= {"validation_loss": 0, "validation_error": 0}
    shown |= dict.fromkeys((name for group in found for name in group.metrics), 0)
    folds = [group.folds for group in found]
    differ = [Column("", [str(each or "-") for each in folds])] if len(set(folds)) > 1 else []
    return [
        Column("n", [str(group.n) for group in found], spare=1),
        *differ,
        Column("diverged", [str(group.diverged or "-") for group in found], spare=2),
        *(
            Column(
                _title(name),
                [estimate_text(one.estimate(name), name) for one in found],
                False,
                spare,
            )
            for name, spare in shown.items()
        ),
    ]


def _title(measure: str) -> str:
    """The title of a measure, all of which are those of the best epoch."""
    return f"{_name(measure)} at best"


def best_of(measure: str) -> str:
    """What to call the best value of a measure: "lowest validation loss"."""
    larger = measure in MEASURES and MEASURES[measure].larger
    return f"{'highest' if larger else 'lowest'} {_name(measure)}"


def _name(measure: str) -> str:
    return MEASURES[measure].name if measure in METRICS else measure.replace("_", " ")


def _bars(found: Sequence[Group], measure: str, longest: int) -> list[str]:
    means = [group.mean(measure) for group in found]
    largest = max((mean for mean in means if mean is not None), default=0.0) or 1.0
    return ["" if m is None else "#" * max(round(longest * m / largest), 1) for m in means]
