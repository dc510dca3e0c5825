"""`cnntrain compare`: runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.estimates import estimate_text
from cnntrain.cli.options import emit, emit_json, exclude, json_option, table
from cnntrain.errors import UsageError
from cnntrain.text import csv_text, printable, spreadsheet_cell

if TYPE_CHECKING:
    from cnntrain.comparison.compare import Comparison
    from cnntrain.comparison.summarize import Entry

VALUE_WIDTH, RUN_WIDTH = 40, 60  # of the table; CSV and JSON cut nothing


@click.command(short_help="Compare runs.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--sort", metavar="COLUMN", help="Sort by a column, such as validation_error.")
@click.option(
    "--where",
    "wanted",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only runs with this status, seed or setting, or rows with this n or mean.  May be given "
    "several times.",
)
@click.option(
    "--test",
    is_flag=True,
    help="Add loss and error on the test part, and for two runs the exact test of McNemar.",
)
@click.option("--same", is_flag=True, help="Are two runs the same, epoch by epoch?  1 if not.")
@click.option("--curves", metavar="FILE.csv", help="Write all epochs of all runs to FILE.csv.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
@json_option
def compare(
    runs: tuple[str, ...],
    sort: str | None,
    wanted: tuple[str, ...],
    test: bool,
    same: bool,
    curves: str | None,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Show the results of runs, and the settings in which they differ.

    Runs that differ only in the seed share a row, with means and standard deviations.  The test
    of McNemar says whether the test errors of two runs differ by more than chance.  With --same
    two runs are compared cell by cell; like cmp, it exits with 1 where they differ.

    \b
    Examples:
      cnntrain compare runs/* --sort validation_error --where status=finished
      cnntrain compare runs/digits runs/wide --test
    """
    exclude("as_csv", "as_json")
    exclude("same", "as_csv", "sort", "wanted", "curves", "test")
    if same:
        return _same(runs, as_json)
    from cnntrain.comparison.compare import compare_runs, read_runs

    found = read_runs(runs, _note)
    comparison = compare_runs(found, sort, _conditions(wanted), test, _note)
    if curves:
        from cnntrain.comparison.runs import curves as epochs
        from cnntrain.runs import durable

        durable.write(Path(curves), _csv(epochs(found)).encode())
    if as_json:
        for entry in comparison.entries:
            emit_json(entry.as_json())
        if comparison.mcnemar:
            emit_json({"mcnemar": vars(comparison.mcnemar)})
    elif as_csv:
        emit(_csv(_rows(comparison)).rstrip("\n"))
    else:
        emit(_text(comparison))
    return 0


def _note(text: str) -> None:
    click.echo(text, err=True)


def _conditions(texts: Sequence[str]) -> dict[str, str]:
    """The values of --where by column.  Raises UsageError."""
    conditions: dict[str, str] = {}
    for text in texts:
        column, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--where {printable(text)}: expected COLUMN=VALUE")
        if column in conditions:
            raise UsageError(f"--where {printable(text)}: {printable(column)} is there twice")
        conditions[column] = value
    return conditions


def _same(paths: Sequence[str], as_json: bool) -> int:
    """Show the difference of two runs; 1 if there is one, 0 if not."""
    from cnntrain.comparison.same import difference

    if len(paths) != 2:
        raise UsageError(f"--same compares two runs, found {len(paths)}")
    found = difference(*paths)
    if as_json:
        emit_json({"same": found is None, "difference": found.as_json() if found else None})
    elif found is None:
        emit("the same")
    else:
        one, other = (printable(cell) or "nothing" for cell in found.cells)
        epoch, column = found.largest_at
        emit(
            f"first difference at epoch {found.epoch}, {found.column}: {one} and {other}\n"
            f"largest relative difference {found.largest:.3g}, at epoch {epoch}, {column}"
        )
    return 0 if found is None else 1


def _rows(comparison: Comparison) -> list[list[str]]:
    """Header and rows of the CSV: each result with its mean and its standard deviation."""
    from cnntrain.comparison.compare import named

    results = comparison.results
    deviations = [f"{name}_deviation" for name in results]
    settings = named(comparison.settings, results)
    lines = [["run", "n", "status", *results, *deviations, *settings]]
    for entry in comparison.entries:
        estimates = [entry.estimate(name) for name in results]
        numbers = [*(e.mean for e in estimates), *(e.deviation for e in estimates)]
        cells = ["" if number is None else repr(number) for number in numbers]
        values = [_setting(value) for value in entry.settings.values()]
        lines.append([entry.runs[0], str(entry.n), entry.status, *cells, *values])
    return lines


def _csv(lines: Sequence[Sequence[str]]) -> str:
    return csv_text([spreadsheet_cell(cell) for cell in line] for line in lines)


def _text(comparison: Comparison) -> str:
    from cnntrain.comparison.compare import named

    if not comparison.entries:
        return "no run is left"
    several = any(entry.n > 1 for entry in comparison.entries)
    shown = [name for name in comparison.results if not name.startswith("test_error_")]
    settings = [printable(key, VALUE_WIDTH) for key in named(comparison.settings, shown)]
    results = [name.replace("_", " ") for name in shown]
    rows = []
    for entry in comparison.entries:
        count = [str(entry.n)] if several else []
        values = [printable(_setting(value), VALUE_WIDTH) for value in entry.settings.values()]
        run = printable(entry.runs[0], RUN_WIDTH)
        rows.append([run, *count, entry.status, *(_result(entry, n) for n in shown), *values])
    count = ["n"] if several else []
    lines = [table(["run", *count, "status", *results, *settings], rows)]
    if comparison.mcnemar:
        test = comparison.mcnemar
        lines.append(
            f"McNemar: {test.first} test samples are right in the first run only, "
            f"{test.second} in the second only; p = {test.p:.3g}"
        )
    return "\n".join(lines)


def _result(entry: Entry, name: str) -> str:
    """An estimate; that of the test error with its 95 % interval."""
    text = estimate_text(entry.estimate(name), name)
    if name != "test_error":
        return text
    low, high = entry.estimate("test_error_low").mean, entry.estimate("test_error_high").mean
    if low is None or high is None:
        return text
    return f"{text} ({100 * low:.2f} to {100 * high:.2f})"


def _setting(value: Any) -> str:
    from cnntrain.config.source.writer import flow

    return "-" if value is None else flow(value)
