"""`cnntrain watch`: follow a run in the terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from cnntrain.cli.options import emit, loss_text, percent, table
from cnntrain.text import printable, shown_path

if TYPE_CHECKING:
    from cnntrain.runs.metrics import Row
    from cnntrain.runs.reader import Run
    from cnntrain.runs.summary import Summary

EPOCHS = 10  # the last ones are shown
WIDTH, HEIGHT = 60, 8  # of the plot, in characters
PAUSE = 1.0  # seconds between two looks


@click.command(short_help="Follow a run.")
@click.argument("run")
@click.option("--once", is_flag=True, help="Show how the run stands now, and end.")
def watch(run: str, once: bool) -> None:
    """Show the last epochs of RUN, its best one and a plot, until the run ends.

    Looks at the files of the run and leaves them alone. A run whose process has died is shown as
    dead; it can be resumed.

    \b
    Example:
      cnntrain watch runs/digits
    """
    from cnntrain.runs.lock import is_live
    from cnntrain.runs.reader import Run

    watched, shown = Run(run), ""
    while True:
        live = is_live(watched.path)
        text = _text(watched, live)
        if text != shown:
            if shown and sys.stdout.isatty():
                click.clear()
            emit(text if not shown else f"\n{text}")
            shown = text
        if once or not live:
            return
        time.sleep(PAUSE)


def _text(run: Run, live: bool) -> str:
    summary = run.summary
    rows, best = run.rows, _best(summary)
    head = _headline(run, summary, live)
    if best is not None:
        head = f"{head}\nbest  {best[1]}"
    if not rows:
        return head
    epoch = None if best is None else best[0]
    return "\n\n".join([head, _epochs(rows[-EPOCHS:], epoch), _plot(rows)])


def _best(summary: Summary) -> tuple[int, str] | None:
    """The epoch of the early-stopping point, and a line about it; None without validation."""
    point = summary.early_stopping_point
    if point is None or point.validation_loss is None:  # the last epoch is the best
        return None
    if point.validation_error is None:
        measured = f"validation loss {loss_text(point.validation_loss)}"
    else:
        measured = f"validation error {percent(point.validation_error)}"
    return point.epoch, f"epoch {point.epoch}, {measured}"


def _headline(run: Run, summary: Summary, live: bool) -> str:
    place, status = shown_path(run.path), printable(summary.status)
    if status == "running" and not live:
        return f"{place}  dead: its process is gone (cnntrain fit --resume goes on)"
    reason = summary.stop_reason
    return f"{place}  {status}{f': {printable(reason, 200)}' if reason else ''}"


def _epochs(rows: list[Row], best: int | None) -> str:
    losses_and_errors = ("train_loss", "train_error", "validation_loss", "validation_error")
    shown = [name for name in losses_and_errors if getattr(rows[0], name) is not None]
    lines = [
        [
            str(row.epoch),
            *(f"{getattr(row, name):.4g}" for name in (*shown, "learning_rate")),
            "* best" if row.epoch == best else "",
        ]
        for row in rows
    ]
    header = ["epoch", *(name.replace("_", " ") for name in (*shown, "learning_rate")), ""]
    return table(header, lines, left=0)


def _plot(rows: list[Row]) -> str:
    """Training loss (t) and validation loss (v) against the epoch, on one linear scale."""
    series = {"t": "train_loss", "v": "validation_loss"}
    curves = {sign: [row.value(name) for row in rows] for sign, name in series.items()}
    known = [value for curve in curves.values() for value in curve if value == value]
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    columns = min(WIDTH, len(rows))
    grid = [[" "] * columns for _ in range(HEIGHT)]
    for sign, curve in curves.items():
        for column in range(columns):
            value = curve[column * (len(rows) - 1) // max(columns - 1, 1)]
            if value == value:
                level = round((HEIGHT - 1) * (high - value) / span)
                grid[level][column] = sign
    labels = [f"{high:.4g}", *[""] * (HEIGHT - 2), f"{low:.4g}"]
    width = max(map(len, labels))
    lines = [
        f"{label.rjust(width)} | {''.join(row).rstrip()}".rstrip()
        for label, row in zip(labels, grid, strict=True)
    ]
    margin, first, last = " " * width, rows[0].epoch, rows[-1].epoch
    foot = f"{margin} +{'-' * (columns + 1)}"
    legend = f"{margin}   epochs {first} to {last}; loss: t training, v validation"
    return "\n".join([*lines, foot, legend])
