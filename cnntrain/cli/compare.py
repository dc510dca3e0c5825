"""`cnntrain compare`: runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cnntrain.cli.completion import runs as complete_runs
from cnntrain.cli.options import (
    check_result,
    emit,
    emit_json,
    exclude,
    force_option,
    json_option,
    write_result,
)
from cnntrain.errors import UsageError
from cnntrain.text import printable


@click.command(short_help="Compare runs.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=complete_runs)
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
@force_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
@json_option
def compare(
    runs: tuple[str, ...],
    sort: str | None,
    wanted: tuple[str, ...],
    test: bool,
    same: bool,
    curves: str | None,
    force: bool,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Show the results of runs, and the settings in which they differ.

    Validation errors and losses are those at the best epoch, the early-stopping point.  Runs that
    differ only in the seed share a row, with means and standard deviations, and so do the folds of
    a cross-validation; of runs that share seed and fold, too, one counts.  What does not fit the
    terminal is left to --csv.  The test of McNemar says whether the test errors of two runs differ
    by more than chance.  With --same two runs are compared cell by cell; like cmp, it exits with 1
    where they differ.

    \b
    Examples:
      cnntrain compare runs/* --sort validation_error --where status=finished
      cnntrain compare runs/digits runs/wide --test
    """
    exclude("as_csv", "as_json")
    exclude("same", "force", "as_csv", "sort", "wanted", "curves", "test")
    if same:
        return _same(runs, as_json)
    if curves:
        check_result(curves, force)
    from cnntrain.cli.compare_output import csv, csv_rows, text
    from cnntrain.comparison.compare import compare_runs, read_runs

    found = read_runs(runs, _note)
    comparison = compare_runs(found, sort, _conditions(wanted), test, _note)
    for warning in comparison.warnings:
        _note(f"warning: {warning}")
    if curves:
        from cnntrain.comparison.runs import curves as epochs

        write_result(curves, csv(epochs(found)), force)
    if as_json:
        for entry in comparison.entries:
            emit_json(entry.as_json())
        if comparison.mcnemar:
            emit_json({"mcnemar": vars(comparison.mcnemar)})
    elif as_csv:
        emit(csv(csv_rows(comparison)).rstrip("\n"))
    else:
        emit(text(comparison))
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
