"""The state of a run: to a checkpoint, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from cnntrain.config import config_for_checkpoint
from cnntrain.errors import CheckpointError
from cnntrain.nn.shapes import Array
from cnntrain.runs.checkpoint import Checkpoint, size_of
from cnntrain.runs.checkpoint_record import BestState, CheckpointRecord, Inputs, Statistics
from cnntrain.text import shown_path
from cnntrain.training.stopping import End
from cnntrain.training.trainer import Trainer

if TYPE_CHECKING:
    from cnntrain.training.run import TrainingRun


def save(run: TrainingRun) -> bytes:
    """The bytes of a checkpoint of `run` as it is now."""
    trainer, dataset = run.trainer, run.dataset
    weights = trainer.network.loss.weights
    record = CheckpointRecord(
        config=config_for_checkpoint(run.config),
        epoch=trainer.position.completed,
        step=trainer.position.step,
        samples=trainer.position.samples,
        trainer=trainer.state(),
        input_shape=dataset.input_shape,
        outputs=dataset.outputs,
        class_names=dataset.class_names,
        standardizer=Statistics(**dataset.standardizer.to_json()),
        data_sha256=dataset.fingerprint,
        split_sha256=dataset.split_hash,
        row=run.row,
        rules={rule.status: rule.state() for rule in run.rules},
        best=run.summary.early_stopping_point,
        best_counter=BestState(**run.best.state()),
        end=run.ended,
        metrics=run.directory.metrics_digest(),
        origin=run.origin_sha256,
        inputs=Inputs(**asdict(dataset.train.input_range)),
        class_weights=None if weights is None else tuple(weights.tolist()),
    )
    averages = {} if trainer.average is None else _named(trainer, *trainer.average.means)
    arrays = _named(trainer, trainer.w, trainer.buffers)
    return Checkpoint(arrays, trainer.optimizer_state, record, averages).encode()


def _named(trainer: Trainer, w: Array, buffers: Array) -> dict[str, Array]:
    network = trainer.network
    return {**network.named_parameters(w), **network.named_buffers(buffers)}


def check_readable(run: TrainingRun) -> None:
    """Raise CheckpointError unless config.yaml and a checkpoint of `run` read back as they are."""
    if run.directory.load_config() != run.config:
        place = shown_path(run.directory.config)
        raise CheckpointError(f"{place} does not read back as it was written")
    Checkpoint.decode(save(run), "the first checkpoint")


def size(run: TrainingRun) -> int:
    """About how many bytes a checkpoint of `run` takes."""
    trainer = run.trainer
    means = [] if trainer.average is None else trainer.average.means
    return size_of([trainer.w, trainer.buffers, *means, *trainer.optimizer_state.values()])


def restore(run: TrainingRun, checkpoint: Checkpoint, settings_changed: bool) -> None:
    """Bring `run` to the state in a checkpoint.

    settings_changed   whether settings have changed since it was written: counters and the
                       optimizer's state start afresh where they no longer fit

    Raises KeyError, TypeError or ValueError where they do not fit.
    """
    record, trainer = checkpoint.record, run.trainer
    _check_position(trainer, record, settings_changed)
    w, buffers = checkpoint.vectors(trainer.network)
    means = None if trainer.average is None else checkpoint.averages(trainer.network)
    optimizer_state = {name: array.copy() for name, array in checkpoint.optimizer_state.items()}
    trainer.restore(record.trainer, w, buffers, means, optimizer_state, settings_changed)
    for rule in run.rules:
        if rule.status in record.rules or not settings_changed:
            rule.restore(record.rules[rule.status])
    run.best.restore(record.best_counter.model_dump())
    run.row, run.origin_sha256 = record.row, record.origin
    run.ended = None if record.end is None else End(*record.end)
    run.summary.restore(record.best, record.row)


def _check_position(trainer: Trainer, record: CheckpointRecord, settings_changed: bool) -> None:
    """Raise ValueError where the run has no such phase, or no such step of an epoch."""
    at = record.trainer.at
    phase_exists = settings_changed or at.phase < len(trainer.phases)
    if not (phase_exists and at.batch < trainer.batches.steps_per_epoch):
        raise ValueError("the run does not come to the position it was written at")
