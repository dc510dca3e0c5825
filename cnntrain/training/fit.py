"""Train a network from start to end: what `cnntrain fit` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnntrain.config import ConfigSource, as_config
from cnntrain.errors import UsageError, resource_errors
from cnntrain.runs.claim import check_free, claimed, erase, tidy
from cnntrain.runs.summary import Summary
from cnntrain.text import argument
from cnntrain.training import start
from cnntrain.training.control.recorded import read_recorded, read_replay
from cnntrain.training.control.requests import Control
from cnntrain.training.loop import train
from cnntrain.training.progress import Progress
from cnntrain.training.resume.checkpoint_selection import newest_usable
from cnntrain.training.resume.reopen import changed_settings, completed, refuse_diverged
from cnntrain.training.run import TrainingRun
from cnntrain.training.signals import Signals


def fit(
    config: ConfigSource,
    *,
    run: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    details: Mapping[str, Any] | None = None,
    replay: str | Path | None = None,
    allow_changes: bool = False,
) -> Summary:
    """Train the network of `config` and return its summary.

    config         a Config, or what `load_config` makes one from: a path or a mapping
    run            the run directory, by default runs/<name>
    resume         whether the directory may hold a run already: then it goes on from its newest
                   checkpoint and ends as if it had never been interrupted
    overwrite      whether to start over where the directory holds a run already: its files are
                   removed, once config and data have been found right
    progress       is told how training goes, such as a `ProgressBar()`; by default nobody is
    details        what run.json is to say besides
    replay         an events.jsonl whose changes of the learning rate by hand are made again
    allow_changes  whether a resumed run may have settings that make it another run (see
                   `training.resume.changes`)

    Raises DivergedError after the summary is written, and CnntrainError of other kinds.

    >>> summary = cnntrain.fit("digits.yaml", run="runs/again")
    >>> summary.status, summary.epochs
    ('finished', 2)
    >>> 0 <= summary.early_stopping_point.validation_error < 0.5
    True
    """
    if resume and overwrite:
        raise UsageError("a run is either resumed or overwritten")
    config = as_config(config)
    path = Path("runs") / config.name if run is None else Path(run)
    progress = progress or Progress()
    actions = [] if replay is None else read_replay(Path(replay))
    with resource_errors(), Signals() as signals, claimed(path) as directory:
        goes_on = f"{argument('resume', True)} goes on"
        old_run = check_free(directory, resume or overwrite, goes_on)
        tidy(directory)
        changes, point = None, None
        if old_run and not overwrite:
            old = directory.load_config()
            changes = changed_settings(directory, old, config, allow_changes, progress)
            refuse_diverged(directory, changes)
            point = newest_usable(directory, old, changes.forced, progress)
        recorded = [] if overwrite else read_recorded(directory.events)
        control = Control(directory.control, recorded, actions)
        training = TrainingRun(config, directory, progress)
        if changes is not None and point is not None:
            point.check_data(training.dataset.fingerprint)
            start.check_origin(training, point, changes)
            summary = completed(directory, changes, point.epoch, progress) if point.intact else None
            if summary is not None:
                return summary
            start.check_space(training)
            start.resume(training, point, changes)
        else:
            start.find_origin(training)
            start.check_space(training)
            if old_run and overwrite:
                erase(directory)
            start.begin(training, details or {}, changes)
        try:
            return train(training, control, signals)
        finally:
            progress.outcome = training.summary
