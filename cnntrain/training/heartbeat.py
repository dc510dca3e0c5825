"""Signs of life for those who watch a run from elsewhere."""

from __future__ import annotations

import contextlib
import time

from cnntrain.errors import StorageError
from cnntrain.runs.beat import Beat
from cnntrain.runs.directory import RunDirectory
from cnntrain.training.progress import TrainingPlan
from cnntrain.training.step import TrainingStep

PAUSE = 0.5  # seconds between two of them


class Heartbeat:
    """Writes how far the epoch has come, now and then, while training goes on.

    Nothing depends on it: where it cannot be written, nobody is told.
    """

    def __init__(self, directory: RunDirectory) -> None:
        self.directory = directory

    def begin(self, plan: TrainingPlan) -> None:
        """Training is about to start."""
        self.plan, self.next = plan, time.monotonic()

    def step(self, step: TrainingStep) -> None:
        """A step has been taken."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + PAUSE
        beat = Beat(
            epoch=step.epoch,
            epochs=self.plan.epochs,
            batch=step.batch,
            batches=self.plan.steps_per_epoch,
            step=step.step,
            learning_rate=step.rate,
            loss=step.running.risk,
            error=step.running.error if self.plan.classification else None,
        )
        with contextlib.suppress(StorageError):
            self.directory.write_beat(beat)

    def end(self) -> None:
        """Training is over."""
        with contextlib.suppress(StorageError):
            self.directory.remove_beat()
