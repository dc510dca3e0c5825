"""The time and memory that a training will take, from some of its steps."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from cnntrain.config import Config
from cnntrain.data import Part
from cnntrain.experiment import Experiment
from cnntrain.nn.execution.memory import peak_memory
from cnntrain.training.epoch_metrics import extra_columns
from cnntrain.training.run import new_trainer

STEPS = 5  # that are timed, after one that is not
ENOUGH = 3.0  # seconds after which no further one begins
SAMPLES = 1024  # that are measured as the validation part is


@dataclass(frozen=True)
class Rehearsal:
    """What some steps have shown on this machine, as busy as it is.

    parameters        numbers that are trained
    steps_per_epoch   steps of an epoch
    epochs            of the config; training may stop earlier
    step_seconds      median time of a step: augmentation, gradient and optimizer
    epoch_seconds     that of an epoch, with the parts that are measured at its end
    seconds           that of all epochs
    peak_mib          largest memory of this process so far, data included; None where unknown
    """

    parameters: int
    steps_per_epoch: int
    epochs: int
    step_seconds: float
    epoch_seconds: float
    seconds: float
    peak_mib: float | None


def rehearse(config: Config, experiment: Experiment) -> Rehearsal:
    """Take the first steps of the training that `config` describes, and forget them.

    Raises DivergedError where they lead nowhere, StorageError where memory does not suffice.
    """
    trainer = new_trainer(config, experiment)
    began, times = time.perf_counter(), list[float]()
    for batch in trainer.epoch():
        start = time.perf_counter()
        trainer.step(batch)
        times.append(time.perf_counter() - start)
        if len(times) > STEPS or time.perf_counter() - began > ENOUGH:
            break
    step = statistics.median(times[1:] or times)
    dataset, steps = experiment.dataset, experiment.batches.steps_per_epoch
    some = Part(dataset.train.examples, dataset.train.indices[:SAMPLES])
    trainer.measure(some)
    start = time.perf_counter()
    trainer.measure(some)
    each = (time.perf_counter() - start) / len(some)
    epoch = steps * step + _measured(config, experiment) * each
    return Rehearsal(
        parameters=trainer.network.parameters.count,
        steps_per_epoch=steps,
        epochs=config.epochs,
        step_seconds=step,
        epoch_seconds=epoch,
        seconds=config.epochs * epoch,
        peak_mib=peak_memory(),
    )


def _measured(config: Config, experiment: Experiment) -> int:
    """Samples that are measured at the end of an epoch."""
    dataset = experiment.dataset
    validation = 0 if dataset.validation is None else len(dataset.validation)
    full = "train_risk" in extra_columns(config)
    return validation * (1 + (config.average != "none")) + full * len(dataset.train)
