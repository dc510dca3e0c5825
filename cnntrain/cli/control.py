"""`cnntrain control`: steer a run from another shell."""

from __future__ import annotations

from pathlib import Path

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
    from cnntrain.training.control.action import Action
    from cnntrain.training.control.ask import ask

    asked = Action(action)
    ask(Path(run), asked)
    emit(f"asked {shown_path(run)} for {asked.text}")
