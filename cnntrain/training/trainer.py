"""The loop: w_t = w_{t-1} - alpha_t times a direction, one mini-batch after another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data import Batches, Dataset, Samples
from cnntrain.errors import DivergedError
from cnntrain.nn.losses import Sums
from cnntrain.nn.network import Network
from cnntrain.optim import Optimizer, Schedule
from cnntrain.training.progress import Progress

Array = NDArray[Any]


@dataclass(frozen=True)
class Epoch:
    """What the steps of one epoch came to: the sums over its batches while w moved, the rate of
    its last step and that step's norm ||w_t - w_(t-1)||."""

    running: Sums
    rate: float
    step_norm: float


class Trainer:
    """Moves a network's parameters, an epoch at a time.

    w, memory             the parameters w_t and what the optimizer remembers
    epoch, step, samples  epochs begun, steps taken, samples whose gradient was computed
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        batches: Batches,
        optimizer: Optimizer,
        schedule: Schedule,
        seed: int,
    ) -> None:
        self.network, self.dataset, self.batches = network, dataset, batches
        self.optimizer, self.schedule, self.seed = optimizer, schedule, seed
        self.w = network.initial_parameters(seed)
        self.memory = optimizer.start(self.w)
        self.epoch = self.step = self.samples = 0

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return self.schedule(self.step / self.batches.steps_per_epoch)

    @np.errstate(over="ignore", invalid="ignore")  # an infinite loss is found by its value
    def run_epoch(self, progress: Progress) -> Epoch:
        """Train through all batches once.

        Raises DivergedError before a step whose loss or gradient is not finite is taken.
        """
        self.epoch += 1
        running, step_norm, rate = Sums(), 0.0, self.rate
        for number, positions in enumerate(self.batches.batches(self.epoch), start=1):
            rate = self.rate
            samples = Samples(self.dataset.train, self.dataset.standardizer, positions)
            draw = (self.seed, self.epoch, self.step)
            batch, gradient = self.network.sums_and_gradient(self.w, samples, draw)
            self._check_finite(batch, gradient, rate)
            before = self.w.copy() if number == self.batches.steps_per_epoch else None
            self.optimizer.step(self.w, gradient, rate, self.memory)
            if before is not None:
                step_norm = float(np.linalg.norm(self.w.astype(np.float64) - before))
            running += batch
            self.step += 1
            self.samples += batch.samples
            progress.step(self.epoch, number, running, rate)
        return Epoch(running, rate, step_norm)

    def validate(self) -> Sums | None:
        """Loss and error on the validation part at the current w; None without such a part."""
        part = self.dataset.validation
        if part is None:
            return None
        return self.network.measure(self.w, Samples(part, self.dataset.standardizer))[0]

    def _check_finite(self, batch: Sums, gradient: Array, rate: float) -> None:
        """A sum is finite only if all its terms are."""
        if math.isfinite(batch.loss) and np.isfinite(gradient.sum()):
            return
        what = "loss" if not math.isfinite(batch.loss) else "gradient"
        raise DivergedError(
            f"diverged: the training {what} is not finite at epoch {self.epoch}, "
            f"step {self.step + 1}, learning rate {rate:g} (try {rate / 10:g})"
        )
