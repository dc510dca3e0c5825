"""The whole state of a run at one moment, as a checkpoint holds it.

What `evaluate` and `predict` need stands beside what going on needs.  Nothing in it depends on
the time, the host, the path of the run or how often it was interrupted.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import config_for_checkpoint
from cnntrain.nn.network import Network
from cnntrain.runs import checkpoint_file as checkpoint
from cnntrain.runs.metrics import Row
from cnntrain.runs.position import Position
from cnntrain.runs.summary import point
from cnntrain.training.stopping import End
from cnntrain.training.trainer import Trainer

if TYPE_CHECKING:
    from cnntrain.training.resume.checkpoint_selection import Saved
    from cnntrain.training.run import TrainingRun

Array = NDArray[Any]
MEMORY = "optimizer/"  # before the names of the optimizer's arrays
HEADER = 2**13  # bytes that everything but the arrays takes, roughly


def save(run: TrainingRun) -> bytes:
    """The checkpoint of `run` as it is now."""
    trainer, dataset = run.trainer, run.dataset
    about = {
        "config": config_for_checkpoint(run.config),
        "epoch": trainer.position.completed,
        "step": trainer.position.step,
        "samples": trainer.position.samples,
        "trainer": trainer.state(),
        "input_shape": list(dataset.input_shape),
        "outputs": dataset.outputs,
        "class_names": dataset.class_names,
        "standardizer": dataset.standardizer.to_json(),
        "data_sha256": dataset.fingerprint,
        "split_sha256": dataset.split_hash,
        "row": None if run.row is None else asdict(run.row),
        "rules": {rule.status: rule.state() for rule in run.rules},
        "best": run.summary.best,
        "best_counter": run.best.state(),
        "end": None if run.ended is None else list(run.ended),
        "metrics": run.directory.metrics_state(),
    }
    return checkpoint.encode(_arrays(run), about)


def size(run: TrainingRun) -> int:
    """About how many bytes a checkpoint of `run` takes."""
    return sum(array.nbytes for array in _arrays(run).values()) + HEADER


def restore(run: TrainingRun, saved: Saved, settings_changed: bool) -> None:
    """Bring `run` to the state of a checkpoint.

    settings_changed   whether settings have changed since it was written: counters and optimizer
                       states that do not fit any more start anew

    Raises KeyError, TypeError or ValueError where they do not fit.
    """
    said, trainer = saved.metadata, run.trainer
    w = parameters(trainer.network, saved.arrays)
    memory = {
        name.removeprefix(MEMORY): array.copy()
        for name, array in saved.arrays.items()
        if name.startswith(MEMORY)
    }
    _check_position(trainer, said, settings_changed)
    trainer.restore(said["trainer"], w, memory, settings_changed)
    for rule in run.rules:
        if rule.status in said["rules"] or not settings_changed:
            rule.restore(said["rules"][rule.status])
    run.best.restore(said["best_counter"])
    run.row = None if said["row"] is None else Row(**said["row"])
    run.ended = None if said["end"] is None else End(*said["end"])
    run.summary.best = said["best"]
    run.summary.last = None if run.row is None else point(run.row)


def parameters(network: Network, held: dict[str, Array]) -> Array:
    """The flat parameter vector in a checkpoint's arrays.  Raises KeyError or ValueError."""
    for entry in network.parameters:  # before memory is taken for them
        name = f"{network.names[entry.layer]}/{entry.name}"
        if held[name].shape != entry.shape or held[name].dtype != network.dtype:
            raise ValueError(f"{name} does not have the shape that its config gives it")
    w = np.empty(network.parameters.count, dtype=network.dtype)
    for name, view in network.named_parameters(w).items():
        view[...] = held[name]
    return w


def _check_position(trainer: Trainer, said: dict[str, Any], settings_changed: bool) -> None:
    """Raise ValueError unless a checkpoint is from a moment that the run can come to."""
    at = Position(**said["trainer"]["at"])
    counts = (at.batch, at.phase_epoch, at.actions, said["samples"] - at.samples)
    possible = (
        min(counts) >= 0
        and 0 < at.factor < math.inf
        and said["step"] == at.step >= max(at.batch, at.phase_step)
        and said["epoch"] == at.epoch - (1 if at.batch else 0) >= at.phase_epoch
        and (settings_changed or 0 <= at.phase < len(trainer.phases))
        and at.batch < trainer.batches.steps_per_epoch
    )
    if not possible:
        raise ValueError("it is at no place that the run comes to")


def _arrays(run: TrainingRun) -> dict[str, Array]:
    """The arrays of a checkpoint by name: parameters, and the optimizer's memory."""
    memory = {f"{MEMORY}{name}": array for name, array in run.trainer.optimizer_state.items()}
    return {**run.trainer.network.named_parameters(run.trainer.w), **memory}
