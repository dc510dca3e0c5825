"""Asking a live run for something, from another process."""

from __future__ import annotations

from pathlib import Path

from cnntrain.errors import NotFoundError
from cnntrain.runs.lock import is_live
from cnntrain.runs.reader import Run
from cnntrain.text import resuming, shown_path
from cnntrain.training.control.action import Action
from cnntrain.training.control.requests import submit


def ask(path: Path, action: Action) -> str:
    """Leave a request for the process that trains in the run directory `path`; its name, which the
    event will have once the run has acted.

    Raises NotFoundError where there is no run, or nobody trains it.
    """
    run = Run(path)
    if not is_live(path):
        summary = run.summary
        ended = summary.complete or summary.status == "diverged"
        hint = f"the run has ended: {summary.status}" if ended else resuming()
        raise NotFoundError(f"no process is training in {shown_path(path)} ({hint})")
    return submit(run.directory.control, action)
