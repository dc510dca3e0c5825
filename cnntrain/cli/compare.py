"""`cnntrain compare`: runs beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import emit, emit_json, exclude, json_option, percent, table
from cnntrain.cli.same import show_difference
from cnntrain.errors import NotFoundError, UsageError
from cnntrain.text import csv_text, nearest, printable, shown_path, spreadsheet_cell

if TYPE_CHECKING:
    from cnntrain.compare.mcnemar import McNemar
    from cnntrain.compare.runs import RunRecord
    from cnntrain.compare.summarize import Columns, Entry, Tests


@click.command(short_help="Compare runs.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
@json_option
@click.option("--sort", metavar="COLUMN", help="Sort by a column, such as validation_error.")
@click.option(
    "--where", "wanted", multiple=True, metavar="COLUMN=VALUE", help="Only rows such as these."
)
@click.option("--curves", metavar="FILE.csv", help="Write all epochs of all runs to a file.")
@click.option("--test", is_flag=True, help="Add the error on the test part; tests two runs.")
@click.option("--same", is_flag=True, help="Are two runs the same?  Exit code 1 if not.")
def compare(
    runs: tuple[str, ...],
    as_csv: bool,
    as_json: bool,
    sort: str | None,
    wanted: tuple[str, ...],
    curves: str | None,
    test: bool,
    same: bool,
) -> int:
    """Show what runs came to, and the settings in which they differ.

    Runs that differ only in the seed make one row, with means and standard deviations.  With
    --same two runs are compared epoch by epoch, as cmp does it.  With --test and two runs, the
    exact test of McNemar says whether their test errors differ by more than chance.

    --where leaves out runs by status, seed or a setting, and rows by n or the mean of a result.

    \b
    Example:
      cnntrain compare runs/* --sort validation_error --where status=finished
    """
    exclude("as_csv", "as_json")
    exclude("same", "as_csv", "sort", "wanted", "curves", "test")
    if same:
        return show_difference(runs, as_json)
    from cnntrain.compare.summarize import Columns, by

    found = _read(runs)
    columns = Columns(found, test)
    conditions = [_condition(text, columns) for text in wanted]
    order = by(_column(sort, columns)) if sort else None
    entries, verdict = _entries(found, columns, conditions, test)
    if order:
        entries.sort(key=order)
    if curves:
        _write_curves(found, curves)
    if as_json:
        for entry in entries:
            emit_json(entry.as_json())
        if verdict:
            emit_json({"mcnemar": vars(verdict)})
    elif as_csv:
        emit(_csv(_rows(entries, columns)).rstrip("\n"))
    else:
        emit(_text(entries, columns, verdict))
    return 0


def _read(paths: Sequence[str]) -> list[RunRecord]:
    """The runs at `paths`; what is no run, or there twice, is passed over with a note."""
    from cnntrain.compare.runs import read_run
    from cnntrain.runs.directory import RunDirectory

    found: dict[Path, RunRecord] = {}
    for path in paths:
        place, name = Path(path).resolve(), shown_path(path)
        if place in found:
            _note(f"{name} is there twice, passed over")
        elif (record := read_run(path)) is not None:
            found[place] = record
        elif RunDirectory(place).holds_sweep():
            _note(f"{name} holds a sweep, passed over (its runs are in {name}/trials)")
        else:
            _note(f"no run in {name}, passed over")
    if not found:
        raise NotFoundError("none of these is a run directory")
    return [*found.values()]


def _note(text: str) -> None:
    click.echo(text, err=True)


def _column(name: str, columns: Columns) -> str:
    """A column to sort or filter by.  Raises UsageError."""
    known = columns.all
    if name not in known:
        near = nearest(name, known)
        hint = f" (did you mean {near}?)" if near else f", expected one of {', '.join(known)}"
        raise UsageError(f"no column {printable(name)}{hint}")
    return name


def _condition(text: str, columns: Columns) -> tuple[str, str]:
    """Column and value of one --where.  Raises UsageError."""
    column, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--where {printable(text)}: expected COLUMN=VALUE")
    return _column(column, columns), value


def _entries(
    runs: Sequence[RunRecord],
    columns: Columns,
    conditions: Sequence[tuple[str, str]],
    test: bool,
) -> tuple[list[Entry], McNemar | None]:
    """The rows that meet the conditions, on runs first and then on groups of them; and the test
    of McNemar where two runs are tested."""
    from cnntrain.compare.summarize import matches, summarize, value, value_of_run

    on_groups = [pair for pair in conditions if columns.of_groups(pair[0])]
    on_runs = [pair for pair in conditions if pair not in on_groups]
    kept = [run for run in runs if all(matches(value_of_run(run, c), v) for c, v in on_runs)]
    tests, verdict = _evaluate(kept) if test else ({}, None)
    entries = summarize(kept, columns, tests)
    left = [entry for entry in entries if all(matches(value(entry, c), v) for c, v in on_groups)]
    return left, verdict


def _evaluate(runs: Sequence[RunRecord]) -> tuple[Tests, McNemar | None]:
    """Reports on the test part by path, and the test of McNemar for two runs."""
    from cnntrain.compare.mcnemar import mcnemar
    from cnntrain.models.evaluation import evaluation
    from cnntrain.models.model import load_model

    evaluated = {}
    for run in runs:
        try:
            evaluated[run.path] = evaluation(load_model(run.path))
        except NotFoundError as error:
            _note(f"{error}: not tested")
    both = [one for one in evaluated.values() if one.class_names is not None]
    verdict = mcnemar(*both) if len(runs) == len(both) == 2 else None
    return {path: one.report for path, one in evaluated.items()}, verdict


def _write_curves(runs: Sequence[RunRecord], path: str) -> None:
    from cnntrain.compare.runs import curves
    from cnntrain.runs import durable

    durable.write(Path(path), _csv(curves(runs)).encode())


def _rows(entries: Sequence[Entry], columns: Columns) -> list[list[str]]:
    """Header and rows of the CSV: every result with mean, deviation and n."""
    results = columns.results
    deviations = [f"{name}_deviation" for name in results]
    lines = [["run", "n", "status", *results, *deviations, *columns.shown_settings]]
    for entry in entries:
        numbers = [*entry.mean.values(), *entry.deviation.values()]
        cells = ["" if number is None else repr(number) for number in numbers]
        values = [_setting(value) for value in entry.settings.values()]
        lines.append([entry.name, str(len(entry.runs)), entry.status, *cells, *values])
    return lines


def _csv(lines: Sequence[Sequence[str]]) -> str:
    return csv_text([spreadsheet_cell(cell) for cell in line] for line in lines)


def _text(entries: Sequence[Entry], columns: Columns, verdict: McNemar | None) -> str:
    if not entries:
        return "no run is left"
    several = any(len(entry.runs) > 1 for entry in entries)
    shown = [name for name in columns.results if not name.startswith("test_error_")]
    header = ["run", *(["n"] if several else []), "status", *(n.replace("_", " ") for n in shown)]
    rows = []
    for entry in entries:
        count = [str(len(entry.runs))] if several else []
        numbers = [_number(entry, name) for name in shown]
        values = [printable(_setting(value), 40) for value in entry.settings.values()]
        rows.append([printable(entry.name, 60), *count, entry.status, *numbers, *values])
    lines = [table([*header, *(printable(key, 40) for key in columns.shown_settings)], rows)]
    if verdict:
        lines.append(
            f"McNemar: {verdict.first} test samples are right in the first run only, "
            f"{verdict.second} in the second only; p = {verdict.p:.3g}"
        )
    return "\n".join(lines)


def _number(entry: Entry, name: str) -> str:
    mean, deviation = entry.mean[name], entry.deviation[name]
    if mean is None:
        return "-"
    if name.endswith("_error"):
        text = percent(mean) if deviation is None else f"{100 * mean:.2f} ± {100 * deviation:.2f} %"
        return text + (_interval(entry) if name == "test_error" else "")
    if name == "parameters":
        return f"{mean:,.0f}"
    short = f"{mean:.4g}"
    return short if not deviation else f"{short} ± {deviation:.2g}"


def _interval(entry: Entry) -> str:
    """The 95 % interval of the test error, for several runs its mean."""
    low, high = entry.mean["test_error_low"], entry.mean["test_error_high"]
    return "" if low is None or high is None else f" ({100 * low:.2f} to {100 * high:.2f})"


def _setting(value: Any) -> str:
    from cnntrain.config.source.writer import flow

    return "-" if value is None else flow(value)
