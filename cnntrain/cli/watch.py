"""`cnntrain watch`: follow a run in the terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cnntrain.cli.completion import runs
from cnntrain.cli.options import (
    emit,
    json_option,
    json_text,
    loss_text,
    measure_text,
    percent,
    table,
)
from cnntrain.cli.plot import plot
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.runs.metrics import Row
    from cnntrain.runs.reader import Run
    from cnntrain.runs.summary import Summary

EPOCHS = 10  # the last ones are shown
PEOPLE_SAY = {"train": "training", "validation": "validation"}
WIDEST = 100  # characters of a plot
PAUSE = 1.0  # seconds between two looks


@click.command(short_help="Follow a run.")
@click.argument("run", shell_complete=runs)
@click.option("--once", is_flag=True, help="Show how the run stands now, and end.")
@json_option
def watch(run: str, once: bool, as_json: bool) -> None:
    """Show the last epochs of RUN, its best one and its curves, until the run ends.

    Looks at the files of the run and leaves them alone. A run whose process has died is shown as
    dead; it can be resumed. With --json, each look at a run that has changed is one object: the
    content of summary.json, and whether a process is training it.

    \b
    Example:
      cnntrain watch runs/digits
    """
    from cnntrain.runs.lock import is_live
    from cnntrain.runs.reader import Run

    watched, shown = Run(run), ""
    while True:
        live = is_live(watched.path)
        text = _json(watched.summary, live) if as_json else _text(watched, live)
        if text != shown:
            if shown and not as_json and sys.stdout.isatty():
                click.clear()
            emit(text if as_json or not shown else f"\n{text}")
            shown = text
        if once or not live:
            return
        time.sleep(PAUSE)


def _json(summary: Summary, live: bool) -> str:
    return json_text({**summary.as_dict(), "live": live})


def _text(run: Run, live: bool) -> str:
    summary = run.summary
    rows, best = run.rows, _best(summary)
    head = _headline(run, summary, live)
    if best is not None:
        head = f"{head}\nbest  {best[1]}"
    if not rows:
        return head
    epoch = None if best is None else best[0]
    return "\n\n".join([head, _epochs(rows[-EPOCHS:], epoch), *_plots(rows, epoch)])


def _best(summary: Summary) -> tuple[int, str] | None:
    """The epoch of the early-stopping point, and a line about it; None without validation."""
    point = summary.early_stopping_point
    if point is None or point.validation_loss is None:  # the last epoch is the best
        return None
    if point.validation_error is None:
        measured = f"validation loss {loss_text(point.validation_loss)}"
    else:
        measured = f"validation error {percent(point.validation_error)}"
    for name, value in point.metrics.items():
        measured += f", {measure_text(name, value, named=True)}"
    return point.epoch, f"epoch {point.epoch}, {measured}"


def _headline(run: Run, summary: Summary, live: bool) -> str:
    place, status = shown_path(run.path), printable(summary.status)
    if status == "running" and not live:
        return f"{place}  dead: its process is gone (cnntrain fit --resume goes on)"
    reason = summary.stop_reason
    return f"{place}  {status}{f': {printable(reason, 200)}' if reason else ''}"


def _epochs(rows: list[Row], best: int | None) -> str:
    from cnntrain.metrics import MEASURES

    columns: dict[str, Callable[[Row], str]] = {
        "train loss": lambda row: loss_text(row.train_loss),
        "train error": lambda row: percent(row.train_error),
        "valid. loss": lambda row: loss_text(row.validation_loss),
        "valid. error": lambda row: percent(row.validation_error),
        **{MEASURES[name].title: _cell(name) for name in rows[0].metrics},
        "rate": lambda row: f"{row.learning_rate:.4g}",
    }
    shown = [name for name, text in columns.items() if text(rows[0]) not in {"", "-"}]
    lines = [
        [
            str(row.epoch),
            *(columns[name](row) for name in shown),
            "* best" if row.epoch == best else "",
        ]
        for row in rows
    ]
    return table(["epoch", *shown, ""], lines, left=0)


def _cell(name: str) -> Callable[[Row], str]:
    return lambda row: measure_text(name, row.value(name))


def _plots(rows: list[Row], best: int | None) -> list[str]:
    """The losses, and the errors of a classifier, over all epochs."""
    width = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    epochs = [row.epoch for row in rows]
    plots = []
    for name, height, shown in (("loss", 8, loss_text), ("error", 6, percent)):
        kinds = {"t": "train", "v": "validation"}
        curves = {
            sign: [row.value(f"{kind}_{name}") for row in rows]
            for sign, kind in kinds.items()
            if getattr(rows[0], f"{kind}_{name}") is not None
        }
        if curves:
            signs = ", ".join(
                f"{sign} {kinds[sign].replace('train', 'training')}" for sign in curves
            )
            plots.append(plot(f"{name} ({signs})", epochs, curves, shown, best, width, height))
    return plots
