"""`cnntrain control`: steer a run from another shell."""

from __future__ import annotations

import click

from cnntrain.cli.completion import runs
from cnntrain.cli.options import emit
from cnntrain.text import shown_path


@click.command(short_help="Steer a live run.")
@click.argument("run", shell_complete=runs)
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
    from cnntrain.runs.lock import is_live
    from cnntrain.runs.reader import Run
    from cnntrain.training.control.action import Action
    from cnntrain.training.control.requests import submit

    opened, asked = Run(run), Action(action)
    place = shown_path(run)
    if not is_live(opened.path):
        summary = opened.summary
        ended = summary.complete or summary.status == "diverged"
        hint = f"the run has ended: {summary.status}" if ended else "cnntrain fit --resume goes on"
        raise NotFoundError(f"no process is training in {place} ({hint})")
    submit(opened.directory.control, asked)
    emit(f"asked {place} for {asked.text}")
