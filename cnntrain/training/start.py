"""The start of a run: from w_0, or from a checkpoint of an earlier process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnntrain.config import config_for_checkpoint, dump
from cnntrain.errors import CheckpointError, UsageError
from cnntrain.experiment import warnings
from cnntrain.nn.shapes import Array
from cnntrain.runs.provenance import machine_differences, provenance
from cnntrain.runs.summary import EMPTY_SUMMARY
from cnntrain.text import argument, elsewhere, printable
from cnntrain.training import state
from cnntrain.training.origin import Origin, digest, starting_point
from cnntrain.training.phase_switch import prepare_next_epoch
from cnntrain.training.resume.changes import Changes
from cnntrain.training.resume.checkpoint_selection import ResumePoint
from cnntrain.training.run import TrainingRun


def check_space(run: TrainingRun) -> None:
    """Raise StorageError unless there is space for the checkpoints that will be kept."""
    run.directory.check_space(state.size(run), run.config.checkpoint.keep + 1)


def find_origin(run: TrainingRun) -> None:
    """Let training begin with the checkpoint that `start_from` names, if it names one.

    Raises NotFoundError or CheckpointError where it cannot.
    """
    if run.config.origin is None:
        return
    w, buffers, origin = starting_point(run.trainer.network, run.config)
    if origin is not None:
        begin_with(run, w, buffers, origin)


def begin_with(run: TrainingRun, w: Array, buffers: Array, origin: Origin) -> None:
    """Let training begin with these, which are from `origin`."""
    run.origin, run.origin_sha256 = origin, origin.source.sha256
    run.trainer.begin(w, buffers)


def check_origin(run: TrainingRun, point: ResumePoint, changes: Changes) -> None:
    """Raise UsageError where `start_from` has changed to the path of another checkpoint than that
    which the run began with.  The same one may lie elsewhere."""
    moved = any(change.key == "start_from.checkpoint" for change in changes.all)
    if moved and digest(run.config) != point.checkpoint.record.origin:
        raise UsageError(
            f"start_from.checkpoint is not the checkpoint that the run began with ({elsewhere()})"
        )


def begin(run: TrainingRun, details: Mapping[str, Any], changes: Changes | None) -> None:
    """Write what is known before the first step.

    details   what run.json is to say besides
    changes   of the settings since an earlier start that left no checkpoint
    """
    if changes is not None:
        _change_settings(run, changes, 0)
    start_from = {} if run.origin is None else {"start_from": run.origin.details()}
    about = {**provenance(run.trainer.network, run.dataset), **start_from, **details}
    run.directory.begin(dump(run.config), about, _split(run))
    state.check_readable(run)  # before hours are spent on what cannot be used
    if run.origin is None:
        run.journal.record("start")
    else:
        run.journal.record("start", start_from=run.origin.source.sha256)
        run.progress.origin(run.origin)
        for message in run.origin.doubts(run.dataset):
            run.journal.warn(message)
    for message in warnings(run.config, run.dataset, run.trainer.batches):
        run.journal.warn(message)


def resume(run: TrainingRun, point: ResumePoint, changes: Changes) -> None:
    """Bring the run and its files to where they were at a checkpoint, with `changes` of the
    settings.

    Raises CheckpointError where the checkpoint does not fit.
    """
    record, name = point.checkpoint.record, printable(point.path.name)
    _check_engine(run)
    settings_changed = record.config != config_for_checkpoint(run.config)
    try:
        state.restore(run, point.checkpoint, settings_changed)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{name} does not fit this run: {printable(error)}") from None
    directory, journal = run.directory, run.journal
    directory.make_folders()
    point.relink(directory.checkpoints)
    directory.tables.truncate_to(record)
    before = directory.read_summary() or EMPTY_SUMMARY
    journal.spent, run.summary.warnings = before.seconds, list(before.warnings)
    journal.record("resume", checkpoint=point.path.name)
    journal.note(f"going on after step {run.trainer.position.step:,} from {name}")
    for difference in machine_differences(directory.read_provenance()):
        journal.warn(difference)
    _change_settings(run, changes, point.epoch)
    over = run.ended is not None or run.trainer.position.completed >= run.config.epochs
    if over and settings_changed and run.row is not None:
        # By the settings before, no epoch was to follow, and none was prepared.
        events, run.ended = prepare_next_epoch(run.trainer, run.rules, run.row, run.config.epochs)
        for event in events:
            journal.tell(event)


def _check_engine(run: TrainingRun) -> None:
    """Raise UsageError where `compute.engine: auto` means another engine than when the run began;
    an engine that is named is a setting like others."""
    began = run.directory.read_provenance().get("engine")
    name = run.trainer.network.engine.name
    if run.config.compute.engine == "auto" and began not in (None, name):
        raise UsageError(
            f"compute.engine: auto is {name} here, and the run began with {printable(began)}: the "
            "last bits of its results would change "
            f"(compute.engine={name} with {argument('allow_changes', True)} goes on nevertheless)"
        )


def _split(run: TrainingRun) -> dict[str, Any]:
    """What split.npz holds: which samples are in which part, and what those of the training part
    are recognised by, wherever they turn up."""
    return {**run.dataset.split, "train_digests": run.dataset.train.digests}


def _change_settings(run: TrainingRun, changes: Changes, epoch: int) -> None:
    """Record changed settings, and make them those of the run, which goes on after `epoch`."""
    if changes:
        run.journal.record("settings", changes=changes.details())
        if changes.forced:
            run.directory.checkpoints.forget_after(epoch)
        run.journal.write_summary()  # it may be that of a complete run, which this no longer is
        run.directory.change(dump(run.config), _split(run))
        for message in run.config.warnings:
            run.journal.warn(message)
