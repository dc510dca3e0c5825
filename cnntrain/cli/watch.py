"""`cnntrain watch`: follow a run in the terminal."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING

import click

from cnntrain.cli.completion import runs
from cnntrain.cli.options import emit, exclude, json_option, json_text, table
from cnntrain.cli.plot import plot
from cnntrain.errors import UsageError
from cnntrain.text import loss_text, percent, shown_path

if TYPE_CHECKING:
    from cnntrain.runs.reader import Run
    from cnntrain.runs.rows import Row
    from cnntrain.runs.summary import Summary

EPOCHS = 10  # the last ones are shown
WIDEST = 100  # characters of a plot
PAUSE = 1.0  # seconds between two looks


@click.command(short_help="Follow a run.")
@click.argument("run", shell_complete=runs)
@click.option("--once", is_flag=True, help="Show how the run stands now, and end.")
@click.option(
    "--web",
    is_flag=True,
    help="Serve a page that follows the run, with buttons to steer it, until Ctrl-C; prints its "
    "address, which only this machine can reach.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    help="The port of the page; default: a free one.",
)
@json_option
def watch(run: str, once: bool, web: bool, port: int | None, as_json: bool) -> None:
    """Show the last epochs of RUN, its best one and its curves, until the run ends.

    Looks at the files of the run and leaves them alone. A run whose process has died is shown as
    dead; it can be resumed. With --json, each look at a run that has changed is one object: the
    content of summary.json, and whether a process is training it.

    The page of --web does the same in a browser, and sends what `cnntrain control` sends.  It
    stays when the run ends, and goes on when the run is resumed.  To look at a run on HOST from
    elsewhere: `ssh -L 8000:127.0.0.1:8000 HOST cnntrain watch RUN --web --port 8000`.

    \b
    Example:
      cnntrain watch runs/digits
      cnntrain watch runs/digits --web
    """
    from cnntrain.runs.reader import Run

    exclude("web", "once", "as_json")
    if port is not None and not web:
        raise UsageError("--port needs --web")
    watched = Run(run)
    if web:
        _serve(watched, port or 0)
    else:
        _follow(watched, once, as_json)


def _serve(run: Run, port: int) -> None:
    from cnntrain.reports.live.server import LiveServer

    with LiveServer(run.path, port) as server:
        emit(server.address)
        server.serve_forever()


def _follow(watched: Run, once: bool, as_json: bool) -> None:
    from cnntrain.runs.lock import is_live

    shown = ""
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
    from cnntrain.runs.standing import beat_text, best_text, measured_best, status_text

    summary, rows = run.summary, run.rows
    head = [f"{shown_path(run.path)}  {status_text(summary, live)}"]
    beat = run.directory.read_beat() if live else None
    if beat is not None:
        head.append(f"now   {beat_text(beat)}")
    best = measured_best(summary)
    if best is not None:
        head.append(f"best  {best_text(best)}")
    if not rows:
        return "\n".join(head)
    epoch = None if best is None else best.epoch
    return "\n\n".join(["\n".join(head), _epochs(rows[-EPOCHS:], epoch), *_plots(rows, epoch)])


def _epochs(rows: list[Row], best: int | None) -> str:
    from cnntrain.runs.standing import epoch_cells

    cells = epoch_cells(rows)
    lines = [
        [
            str(row.epoch),
            *(cell(row) for cell in cells.values()),
            "* best" if row.epoch == best else "",
        ]
        for row in rows
    ]
    return table(["epoch", *cells, ""], lines, left=0)


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
