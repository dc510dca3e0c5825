"""Train a network from start to end: what `cnntrain fit` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnntrain.config import Config
from cnntrain.errors import RunExistsError, resource_errors
from cnntrain.runs.directory import RunDirectory
from cnntrain.text import shown_path
from cnntrain.training.control.requests import script
from cnntrain.training.progress import Progress
from cnntrain.training.resume.checkpoint_selection import newest_usable
from cnntrain.training.resume.reopen import changed_settings, completed, refuse_diverged
from cnntrain.training.run import Run
from cnntrain.training.signals import Signals


def fit(
    config: Config,
    run: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    details: Mapping[str, Any] | None = None,
    replay: str | Path | None = None,
    allow_changes: bool = False,
) -> dict[str, Any]:
    """Train the network of `config` and return the summary, as in `summary.json`.

    run       the run directory, by default runs/<name>
    resume    whether the directory may hold a run already: then it goes on from its newest
              checkpoint and ends as if it had never been interrupted
    progress  is told how training goes; by default nobody is
    details   what run.json is to say besides
    replay    an events.jsonl whose changes of the learning rate by hand are made again
    allow_changes  whether a run may go on with settings that make it another one (see `changes`)

    Raises DivergedError after the summary is written, and CnntrainError of other kinds.
    """
    path = Path("runs") / config.name if run is None else Path(run)
    progress = progress or Progress()
    actions = [] if replay is None else script(Path(replay))
    with resource_errors(), Signals() as signals, RunDirectory.claim(path) as directory:
        if directory.holds_sweep():
            raise RunExistsError(
                f"{shown_path(path)} holds a sweep (choose another directory with --run)"
            )
        changes, point = None, None
        if directory.holds_run():
            if not resume:
                raise RunExistsError(
                    f"{shown_path(path)} already holds a run "
                    "(choose another directory with --run, or --resume this one)"
                )
            old = directory.load_config()
            changes = changed_settings(directory, old, config, allow_changes, progress)
            refuse_diverged(directory, changes)
            point = newest_usable(directory, old, changes.forced, progress)
        training = Run(config, directory, progress, signals, actions)
        if changes is not None and point is not None:
            point.check_data(training.dataset.fingerprint)
            summary = completed(directory, changes, point.epoch, progress) if point.intact else None
            if summary is not None:
                return summary.as_dict()
            training.check_space()
            training.restore(point, changes)
        else:
            training.check_space()
            training.begin(details or {}, changes)
        try:
            return training.train()
        finally:
            progress.outcome = training.summary.as_dict()
