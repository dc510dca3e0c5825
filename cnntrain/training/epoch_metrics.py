"""The metrics of an epoch, and the one that decides which epoch is best."""

from __future__ import annotations

from cnntrain.config import Config
from cnntrain.data import Dataset
from cnntrain.runs.metrics import Row
from cnntrain.training.trainer import Trainer, TrainingStep


def measure_epoch(trainer: Trainer, last: TrainingStep, full: bool) -> Row:
    """The row of metrics.csv for an epoch whose last step was `last`.

    full   whether the training part is measured, too, at the epoch's last w

    Raises DivergedError where a loss is not finite.
    """
    dataset = trainer.dataset
    classify = dataset.classes is not None
    validation = None if dataset.validation is None else trainer.measure(dataset.validation)
    average = None
    if dataset.validation is not None and trainer.average is not None:
        average = trainer.measure(dataset.validation, trainer.average)
    train = trainer.measure(dataset.train) if full else None
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
        average_validation_loss=average.risk if average else None,
        average_validation_error=average.error if average and classify else None,
    )


def monitor_of_best(config: Config, dataset: Dataset) -> str:
    """The column of metrics.csv whose smallest value is the best epoch's."""
    if config.early_stopping != "none":
        return config.early_stopping.monitor
    return "validation_loss" if dataset.classes is None else "validation_error"
