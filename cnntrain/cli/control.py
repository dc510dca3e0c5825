"""`cnntrain control`: steer a run from another shell."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.options import emit
from cnntrain.text import shown_path


@click.command(short_help="Steer a live run.")
@click.argument("run")
@click.argument("action", metavar="lr=VALUE|lr=xFACTOR|checkpoint|stop")
def control(run: str, action: str) -> None:
    """Change the learning rate of a live RUN, let it save a checkpoint, or stop it.

    lr=VALUE sets the present rate, and scales the rest of the schedule by the same factor;
    lr=xFACTOR gives the factor.  The run acts before its next step, and records it in
    events.jsonl, from where `cnntrain fit --replay` repeats it.  A stopped run can be resumed.

    \b
    Example:
      cnntrain control runs/digits lr=x0.1
    """
    from cnntrain.errors import NotFoundError
    from cnntrain.runs.directory import RunDirectory
    from cnntrain.runs.lock import is_live
    from cnntrain.training.control.requests import Action, ask
    from cnntrain.training.resume.reopen import COMPLETE, read_summary

    directory, asked = RunDirectory.find(Path(run)), Action(action)
    place = shown_path(run)
    if not is_live(directory.path):
        status = (read_summary(directory) or {}).get("status")
        over = status in {*COMPLETE, "diverged"}
        way_out = f"the run has ended: {status}" if over else "cnntrain fit --resume goes on"
        raise NotFoundError(f"no process is training in {place} ({way_out})")
    ask(directory.control, asked)
    emit(f"asked {place} for {asked.text}")
