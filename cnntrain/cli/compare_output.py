"""What `cnntrain compare` prints: a table that fits the terminal, or CSV with all there is."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from cnntrain.cli.layout import Column, end_of, fitting, line_width, table_text, transposed
from cnntrain.comparison.compare import Comparison, named
from cnntrain.comparison.estimate_text import estimate_text
from cnntrain.comparison.folds import title
from cnntrain.comparison.setting_text import setting_text, value_text
from cnntrain.comparison.summarize import TESTED, Entry
from cnntrain.metrics import MEASURES, METRICS
from cnntrain.text import csv_text, printable, spreadsheet_cell

WIDEST = 40  # characters of a value that may stand in the table
TITLES = {  # of the results, with what can be spared first where space is short
    "epochs": ("epochs", 4),
    "best_epoch": ("best epoch", 3),
    "validation_error": ("validation error at best", 0),
    "validation_loss": ("validation loss at best", 1),
    **{name: (f"{MEASURES[name].name} at best", 1) for name in METRICS},
    "parameters": ("parameters", 5),
    "seconds": ("seconds", 6),
    "test_loss": ("test loss", 1),
    "test_error": ("test error", 0),
}


def csv_rows(comparison: Comparison) -> list[list[str]]:
    """Header and rows of the CSV: each result with its mean and its standard deviation."""
    results = comparison.results
    deviations = [f"{name}_deviation" for name in results]
    settings = named(comparison.settings, results)
    folds = ["folds"] if comparison.folded else []
    lines = [["run", "n", *folds, "status", *results, *deviations, *settings]]
    for entry in comparison.entries:
        estimates = [entry.estimate(name) for name in results]
        numbers = [*(e.mean for e in estimates), *(e.deviation for e in estimates)]
        cells = ["" if number is None else repr(number) for number in numbers]
        values = [value_text(value) for value in entry.settings.values()]
        if comparison.folded:
            folds = ["" if entry.folds is None else str(len(entry.folds.indices))]
        lines.append([entry.label, str(entry.n), *folds, entry.status, *cells, *values])
    return lines


def csv(lines: Sequence[Sequence[str]]) -> str:
    """Lines as CSV that a spreadsheet shows and does not compute."""
    return csv_text([spreadsheet_cell(cell) for cell in line] for line in lines)


def text(comparison: Comparison) -> str:
    """The table, the settings that have no place in it, and the test of McNemar."""
    entries, width = comparison.entries, line_width()
    if not entries:
        return "no run is left"
    labels = [end_of(printable(entry.label, 400), max(width // 3, 20)) for entry in entries]
    columns = [Column("run", labels, left=True), *_results(comparison)]
    settings = {
        printable(key, 200): [setting_text(key, entry.settings[key]) for entry in entries]
        for key in comparison.settings
    }
    names = dict(zip(settings, named(settings, comparison.results), strict=True))
    inside = [Column(names[key], values) for key, values in settings.items()]
    short = all(len(cell) <= WIDEST for column in inside for cell in column.cells)
    kept = fitting([*columns, *inside], width) if short else None
    below = settings if kept is None else {}
    kept = kept or fitting(columns, width) or [one for one in columns if not one.spare]
    spared = [one.title for one in columns if one not in kept]
    above = title([entry.folds for entry in entries]) if comparison.folded else ""
    parts = [(above and f"{above}\n") + table_text(kept, width)]
    if spared:
        parts[0] += "\n" + fill(f"(--csv also has {', '.join(spared)})", width)
    if below:
        parts.append(transposed(labels, below, width))
    if comparison.mcnemar:
        test = comparison.mcnemar
        parts.append(
            fill(
                f"McNemar: {test.first} test samples are right in the first run only, "
                f"{test.second} in the second only; p = {test.p:.3g}",
                width,
            )
        )
    return "\n\n".join(parts)


def _results(comparison: Comparison) -> list[Column]:
    """How many runs, how they ended, and their results."""
    entries = comparison.entries
    columns = [Column("status", [entry.status for entry in entries], spare=2)]
    if any(entry.n > 1 for entry in entries):
        columns.insert(0, Column("n", [str(entry.n) for entry in entries]))
    if comparison.folded and len({entry.folds for entry in entries}) > 1:
        columns.insert(1, Column("", [str(entry.folds or "-") for entry in entries]))
    for name in comparison.results:
        if name in TITLES:
            title, spare = TITLES[name]
            columns.append(Column(title, [_result(one, name) for one in entries], spare=spare))
    return columns


def _result(entry: Entry, name: str) -> str:
    """An estimate; that of the test error with its 95 % interval."""
    shown = estimate_text(entry.estimate(name), name)
    if name != "test_error":
        return shown
    low, high = entry.estimate(TESTED[2]).mean, entry.estimate(TESTED[3]).mean
    if low is None or high is None:
        return shown
    return f"{shown} ({100 * low:.2f} to {100 * high:.2f})"
