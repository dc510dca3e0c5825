"""How a run starts: from w_0, or from a checkpoint of an earlier process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnntrain.config import config_for_checkpoint, dump
from cnntrain.errors import CheckpointError
from cnntrain.runs.provenance import elsewhere, provenance
from cnntrain.runs.summary import BEGUN
from cnntrain.text import printable
from cnntrain.training import state
from cnntrain.training.phase_switch import prepare_next_epoch
from cnntrain.training.resume.changes import Changes
from cnntrain.training.resume.checkpoint_selection import Saved
from cnntrain.training.resume.reopen import read_summary
from cnntrain.training.run import TrainingRun


def check_space(run: TrainingRun) -> None:
    """Raise StorageError unless there is space for the checkpoints that will be kept."""
    run.directory.check_space(state.size(run), run.config.checkpoint.keep + 1)


def begin(run: TrainingRun, details: Mapping[str, Any], changes: Changes | None) -> None:
    """Write what is known before the first step.

    details   what run.json is to say besides
    changes   of the settings since an earlier start that left no checkpoint
    """
    if changes is not None:
        _change_settings(run, changes, 0)
    about = {**provenance(run.trainer.network, run.dataset), **details}
    run.directory.begin(dump(run.config), about, run.dataset.split)
    run.journal.record("start")
    for message in (*run.config.remarks, *run.dataset.warnings):
        run.journal.warn(message)


def resume(run: TrainingRun, saved: Saved, changes: Changes) -> None:
    """Bring the run and its files to where they were at a checkpoint, with `changes` of the
    settings.

    Raises CheckpointError where the checkpoint does not fit.
    """
    metadata, name = saved.metadata, printable(saved.path.name)
    settings_changed = metadata["config"] != config_for_checkpoint(run.config)
    try:
        state.restore(run, saved, settings_changed)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{name} does not fit this run: {printable(error)}") from None
    directory, journal = run.directory, run.journal
    directory.make_folders()
    saved.settle(directory)
    directory.go_back(metadata["metrics"], metadata["epoch"], metadata["step"])
    journal.spent = (read_summary(directory) or BEGUN)["seconds"]
    journal.record("resume", checkpoint=saved.path.name)
    journal.note(f"going on after step {run.trainer.position.step:,} from {name}")
    for difference in elsewhere(directory.provenance()):
        journal.warn(difference)
    _change_settings(run, changes, saved.epoch)
    over = run.ended is not None or run.trainer.position.completed >= run.config.epochs
    if over and settings_changed and run.row is not None:
        # By the settings before, no epoch was to follow, and none was prepared.
        events, run.ended = prepare_next_epoch(run.trainer, run.rules, run.row, run.config.epochs)
        for event in events:
            journal.tell(event)


def _change_settings(run: TrainingRun, changes: Changes, epoch: int) -> None:
    """Record changed settings, and make them those of the run, which goes on after `epoch`."""
    if changes:
        run.journal.record("settings", changes=changes.details())
        if changes.forced:
            run.directory.forget_after(epoch)
        run.journal.write_summary()  # it may be that of a complete run, which this no longer is
        run.directory.change(dump(run.config), run.dataset.split)
