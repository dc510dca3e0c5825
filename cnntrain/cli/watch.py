"""`cnntrain watch`: follow a run in the terminal."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnntrain.cli.options import emit, table
from cnntrain.text import printable

if TYPE_CHECKING:
    from cnntrain.training.rundir import RunDirectory

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
    from cnntrain.training.lock import is_live
    from cnntrain.training.rundir import RunDirectory

    directory = RunDirectory.find(Path(run))
    shown = ""
    while True:
        live = is_live(directory.path)
        text = _text(directory, live)
        if text != shown:
            if shown and sys.stdout.isatty():
                click.clear()
            emit(text if not shown else f"\n{text}")
            shown = text
        if once or not live:
            return
        time.sleep(PAUSE)


def _text(directory: RunDirectory, live: bool) -> str:
    from cnntrain.training.resume import read_summary

    summary = read_summary(directory) or {"status": "running", "early_stopping_point": None}
    lines = directory.metrics.read_text().splitlines() if directory.metrics.exists() else []
    names = lines[0].split(",") if lines else []
    rows = [line.split(",") for line in lines[1:]]
    rows = [row for row in rows if len(row) == len(names)]
    parts = [_headline(directory, summary, live)]
    if rows:
        best = summary["early_stopping_point"]
        parts.append(_epochs(names, rows[-EPOCHS:], best["epoch"] if best else None))
        parts.append(_plot(names, rows))
    return "\n\n".join(parts)


def _headline(directory: RunDirectory, summary: dict[str, Any], live: bool) -> str:
    place, status = printable(directory.path, 400), printable(summary["status"])
    if status == "running" and not live:
        return f"{place}  dead: its process is gone (cnntrain fit --resume goes on)"
    reason = summary.get("stop_reason")
    return f"{place}  {status}{f': {printable(reason, 200)}' if reason else ''}"


def _epochs(names: list[str], rows: list[list[str]], best: int | None) -> str:
    shown = [
        name
        for name in ("train_loss", "train_error", "validation_loss", "validation_error")
        if any(row[names.index(name)] for row in rows)
    ]
    shown.append("learning_rate")
    lines = [
        [row[0], *(_short(row[names.index(name)]) for name in shown), _mark(row[0], best)]
        for row in rows
    ]
    header = ["epoch", *(name.replace("_", " ") for name in shown), ""]
    return table(header, lines, left=0)


def _short(cell: str) -> str:
    return f"{float(cell):.4g}" if cell else ""


def _mark(epoch: str, best: int | None) -> str:
    return "* best" if epoch == str(best) else ""


def _plot(names: list[str], rows: list[list[str]]) -> str:
    """Training loss (t) and validation loss (v) against the epoch, on one linear scale."""
    series = {"t": "train_loss", "v": "validation_loss"}
    curves = {
        sign: [float(row[names.index(name)] or "nan") for row in rows]
        for sign, name in series.items()
    }
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
    foot = f"{' ' * width} +{'-' * (columns + 1)}"
    return "\n".join(
        [
            *lines,
            foot,
            f"{' ' * width}   epochs {rows[0][0]} to {rows[-1][0]}; loss: t training, v validation",
        ]
    )
