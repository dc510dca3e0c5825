"""`cnntrain control`: steer a run from another shell."""

from __future__ import annotations

from pathlib import Path

import click

from cnntrain.cli.options import emit
from cnntrain.text import shown_path


@click.command(short_help="Steer a run that is under way.")
@click.argument("run")
@click.argument("action", metavar="lr=VALUE|lr=xFACTOR|checkpoint|stop")
def control(run: str, action: str) -> None:
    """Change the learning rate of a live RUN, have it save a checkpoint, or stop it.

    lr=VALUE makes the rate VALUE and scales what the schedule gives afterwards alike; lr=xFACTOR
    multiplies it. The run acts before its next step. What it did is in its events.jsonl, which
    `cnntrain fit --replay` repeats. After stop the run can be resumed.

    \b
    Example:
      cnntrain control runs/digits lr=x0.1
    """
    from cnntrain.errors import NotFoundError
    from cnntrain.runs.directory import RunDirectory
    from cnntrain.runs.lock import is_live
    from cnntrain.training.control.requests import Action, submit
    from cnntrain.training.resume.reopen import COMPLETE, read_summary

    directory, asked = RunDirectory.find(Path(run)), Action(action)
    place = shown_path(run)
    if not is_live(directory.path):
        status = (read_summary(directory) or {}).get("status")
        over = status in {*COMPLETE, "diverged"}
        way_out = f"the run has ended: {status}" if over else "cnntrain fit --resume goes on"
        raise NotFoundError(f"no process is training in {place} ({way_out})")
    submit(directory.control, asked)
    emit(f"asked {place} for {asked.text}")
