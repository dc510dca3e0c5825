"""The metrics of an epoch, and the one that decides which epoch is best."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cnntrain.config import Config
from cnntrain.data import Dataset
from cnntrain.metrics import MEASURES, METRICS
from cnntrain.runs.rows import Row
from cnntrain.training.step import TrainingStep
from cnntrain.training.trainer import Trainer


def extra_columns(config: Config) -> list[str]:
    """The columns of metrics.csv that not every run has."""
    asked = {*(config.metrics if config.metrics != "none" else ()), *_watched(config)}
    full = config.evaluate_train == "full"
    averages = config.average != "none"
    return [
        name
        for name, measure in MEASURES.items()
        if (measure.full and full)
        or (measure.average and averages)
        or name in asked & METRICS.keys()
    ]


def _watched(config: Config) -> Iterator[str]:
    if config.early_stopping != "none":
        yield config.early_stopping.monitor
    for phase in config.phase_at.values():
        if phase.plateau is not None:
            yield phase.plateau.monitor


def measure_epoch(trainer: Trainer, last: TrainingStep, extra: Collection[str]) -> Row:
    """The row of metrics.csv for an epoch whose last step was `last`.

    extra   the columns that not every run has; some of them need the training part to be measured,
            too, at the epoch's last w

    Raises DivergedError where a loss is not finite.
    """
    dataset = trainer.dataset
    classify = dataset.classes is not None
    validation, average, train, metrics = None, None, None, dict[str, float]()
    if dataset.validation is not None:
        validation, outputs = trainer.measure(dataset.validation)
        y = dataset.validation.y
        metrics = {name: METRICS[name](y, outputs) for name in extra if name in METRICS}
        if trainer.average is not None:
            average, _ = trainer.measure(dataset.validation, trainer.average)
    if any(MEASURES[name].full for name in extra):
        train, _ = trainer.measure(dataset.train)
    return Row(
        epoch=last.epoch,
        step=last.step,
        samples=last.samples,
        learning_rate=last.rate,
        train_loss=last.running.risk,
        train_error=last.running.error if classify else None,
        validation_loss=validation.risk if validation else None,
        validation_error=validation.error if validation and classify else None,
        step_norm=last.step_norm,
        train_risk=train.risk if train else None,
        train_zero_one=train.error if train and classify else None,
        **metrics,
        average_validation_loss=average.risk if average else None,
        average_validation_error=average.error if average and classify else None,
    )


def monitor_of_best(config: Config, dataset: Dataset) -> str:
    """The column of metrics.csv whose best value is the best epoch's."""
    if config.early_stopping != "none":
        return config.early_stopping.monitor
    return "validation_loss" if dataset.classes is None else "validation_error"
