"""What an epoch came to, and whether it is the best so far."""

from __future__ import annotations

from cnntrain.config import Config
from cnntrain.data import Dataset
from cnntrain.runs.metrics import Row
from cnntrain.training.stopping import Best
from cnntrain.training.trainer import Epoch, Trainer


class Scores:
    """Measures a trainer's network on the parts of the data that the config asks for."""

    def __init__(self, config: Config, dataset: Dataset, trainer: Trainer) -> None:
        self.dataset, self.trainer = dataset, trainer
        self.full = config.evaluate_train == "full"
        by_class = "validation_loss" if dataset.classes is None else "validation_error"
        stopping = config.early_stopping
        self.monitor = by_class if stopping == "none" else stopping.monitor
        self.best = Best()

    def row(self, epoch: Epoch) -> Row:
        """Measure what an epoch came to.  Raises DivergedError where a loss is not finite."""
        classify, at = self.dataset.classes is not None, self.trainer.at
        part = self.dataset.validation
        validation = None if part is None else self.trainer.measure(part)
        train = self.trainer.measure(self.dataset.train) if self.full else None
        return Row(
            epoch=at.epoch,
            step=at.step,
            samples=at.samples,
            learning_rate=epoch.rate,
            train_loss=epoch.running.risk,
            train_error=epoch.running.error if classify else None,
            validation_loss=validation.risk if validation else None,
            validation_error=validation.error if validation and classify else None,
            step_norm=epoch.step_norm,
            train_risk=train.risk if train else None,
            train_zero_one=train.error if train and classify else None,
        )

    def is_best(self, row: Row) -> bool:
        """Whether this epoch is the best so far; without a validation part the last one is."""
        if row.validation_loss is None:
            return True
        return self.best.update(row.epoch, row.value(self.monitor), row.validation_loss)
