"""`cnntrain compare`: runs beside each other."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import emit, emit_json, json_option, percent, table
from cnntrain.errors import NotFoundError, StorageError, UsageError
from cnntrain.text import nearest, printable, spreadsheet_cell

if TYPE_CHECKING:
    from cnntrain.comparison.mcnemar import McNemar
    from cnntrain.comparison.runs import RunRecord
    from cnntrain.comparison.summarize import Entry


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

    \b
    Example:
      cnntrain compare runs/* --sort validation_error --where status=finished
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other")
    if same:
        return _same(runs)
    from cnntrain.comparison.summarize import summarize

    found = _read(runs)
    tests, verdict = _evaluate(found) if test else (None, None)
    entries = _chosen(summarize(found, tests), sort, wanted)
    if curves:
        _write_curves(found, curves)
    if as_json:
        for entry in entries:
            emit_json(entry.as_json())
        if verdict:
            emit_json({"mcnemar": vars(verdict)})
    elif as_csv:
        emit(_csv(_rows(entries)))
    else:
        emit(_text(entries, verdict))
    return 0


def _read(paths: Sequence[str]) -> list[RunRecord]:
    """The runs at `paths`; what is no run is passed over with a note."""
    from cnntrain.comparison.runs import read_run

    found = []
    for path in paths:
        record = read_run(path)
        if record is None:
            click.echo(f"no run in {printable(path, 400)}, passed over", err=True)
        else:
            found.append(record)
    if not found:
        raise NotFoundError("none of these is a run directory")
    return found


def _chosen(entries: list[Entry], sort: str | None, wanted: Sequence[str]) -> list[Entry]:
    """The entries that are wanted, sorted.  Raises UsageError for unknown columns."""
    from cnntrain.comparison.summarize import by, columns, matches

    known = columns(entries)

    def check(column: str) -> str:
        if column not in known:
            near = nearest(column, known)
            hint = f" (did you mean {near}?)" if near else f", expected one of {', '.join(known)}"
            raise UsageError(f"no column {printable(column)}{hint}")
        return column

    for condition in wanted:
        column, equals, text = condition.partition("=")
        if not equals:
            raise UsageError(f"--where {printable(condition)}: expected COLUMN=VALUE")
        entries = [entry for entry in entries if matches(entry, check(column), text)]
    return sorted(entries, key=by(check(sort))) if sort else entries


def _evaluate(runs: Sequence[RunRecord]) -> tuple[dict[str, Any], McNemar | None]:
    """Reports on the test part by path, and the test of McNemar for two runs."""
    from cnntrain.comparison.mcnemar import mcnemar
    from cnntrain.evaluation import evaluation
    from cnntrain.model import load_checkpoint

    evaluated = {run.path: evaluation(load_checkpoint(run.path)) for run in runs}
    reports = {path: one.report for path, one in evaluated.items()}
    if len(runs) != 2 or any(report["zero_one_error"] is None for report in reports.values()):
        return reports, None
    return reports, mcnemar(*evaluated.values())


def _same(paths: Sequence[str]) -> int:
    from cnntrain.comparison.same import difference

    if len(paths) != 2:
        raise UsageError(f"--same compares two runs, found {len(paths)}")
    _read(paths)
    found = difference(*paths)
    if found is None:
        emit("the same")
        return 0
    one, other = (printable(cell) or "nothing" for cell in found.cells)
    emit(
        f"first difference at epoch {found.epoch}, {found.column}: {one} and {other}\n"
        f"largest relative difference {found.largest:.3g}, at epoch {found.largest_at[0]}, "
        f"{found.largest_at[1]}"
    )
    return 1


def _write_curves(runs: Sequence[RunRecord], path: str) -> None:
    from cnntrain.comparison.runs import curves

    text = _csv(curves(runs)) + "\n"
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write {printable(path, 400)}: {error.strerror}") from None


def _rows(entries: Sequence[Entry]) -> list[list[str]]:
    """Header and rows of the CSV: every result with mean, deviation and n."""
    results, keys = [*entries[0].mean], [*entries[0].settings] if entries else []
    header = ["run", "n", "status", *results, *(f"{name}_deviation" for name in results), *keys]
    lines = [header]
    for entry in entries:
        numbers = [*entry.mean.values(), *entry.deviation.values()]
        cells = ["" if number is None else repr(number) for number in numbers]
        values = [_setting(value) for value in entry.settings.values()]
        lines.append([entry.name, str(len(entry.runs)), entry.status, *cells, *values])
    return lines


def _csv(lines: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerows([spreadsheet_cell(cell) for cell in line] for line in lines)
    return buffer.getvalue().rstrip("\n")


def _text(entries: Sequence[Entry], verdict: McNemar | None) -> str:
    if not entries:
        return "no run is left"
    several = any(len(entry.runs) > 1 for entry in entries)
    shown = [*entries[0].mean]
    header = ["run", *(["n"] if several else []), "status", *(n.replace("_", " ") for n in shown)]
    rows = []
    for entry in entries:
        count = [str(len(entry.runs))] if several else []
        numbers = [_number(entry, name) for name in shown]
        values = [printable(_setting(value), 40) for value in entry.settings.values()]
        rows.append([printable(entry.name, 60), *count, entry.status, *numbers, *values])
    lines = [table([*header, *(printable(key, 40) for key in entries[0].settings)], rows)]
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
    if name == "test_error" and entry.interval:
        low, high = entry.interval
        return f"{percent(mean)} ({100 * low:.2f} to {100 * high:.2f})"
    if name.endswith("_error"):
        return percent(mean) if deviation is None else f"{100 * mean:.2f} ± {100 * deviation:.2f} %"
    if name == "parameters":
        return f"{mean:,.0f}"
    short = f"{mean:.4g}"
    return short if not deviation else f"{short} ± {deviation:.2g}"


def _setting(value: Any) -> str:
    from cnntrain.config.emit import flow

    return "-" if value is None else flow(value)
