"""The loop: w_t = w_{t-1} - alpha_t times a direction, one mini-batch after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cnntrain.data import Batches, Dataset, Part, PartSamples
from cnntrain.errors import DivergedError
from cnntrain.nn.inspect.diagnosis import first_not_finite
from cnntrain.nn.network import Network
from cnntrain.nn.reductions import norm
from cnntrain.nn.sums import Sums
from cnntrain.optim.objective import Cost, NotFiniteError, Objective
from cnntrain.optim.phases import Phase
from cnntrain.runs.checkpoint import TrainerState
from cnntrain.runs.metrics import StepRow
from cnntrain.runs.position import Position

Array = NDArray[Any]


class Watcher(Protocol):
    """Who looks on while an epoch runs."""

    def before_step(self) -> None:
        """Called at a point where the run can be taken up again; may raise to leave there."""

    def wants(self, step: int) -> bool:
        """Whether step number `step` is to be recorded."""

    def record(self, step: StepRow) -> None:
        """Called with each step that is wanted."""

    def after_step(self, epoch: int, batch: int, running: Sums, rate: float) -> None:
        """Called when step number `batch` of the epoch is done."""


@dataclass(frozen=True)
class Epoch:
    """What the steps of one epoch came to: the sums over its batches while w moved, the rate of
    its last step and that step's norm ||w_t - w_(t-1)||; and what the optimizer asked for."""

    running: Sums
    rate: float
    step_norm: float
    cost: Cost


class Trainer:
    """Moves a network's parameters, an epoch at a time.

    w, memory   the parameters w_t and what the optimizer remembers
    at          how far training has come
    running     sums over the batches of the current epoch
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        batches: Batches,
        phases: Sequence[Phase],
        seed: int,
    ) -> None:
        self.network, self.dataset, self.batches = network, dataset, batches
        self.phases, self.seed = phases, seed
        self.w = network.initial_parameters(seed)
        self.at, self.running = Position(), Sums()
        self.memory = self.phase.optimizer.start(self.w)

    @property
    def phase(self) -> Phase:
        """The current phase."""
        return self.phases[self.at.phase]

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return self.phase.rate(self.phase_time) * self.at.factor

    @property
    def phase_time(self) -> float:
        """t: epochs since the current phase began, at the next step."""
        return (self.at.step - self.at.phase_step) / self.batches.steps_per_epoch

    @property
    def seen(self) -> int:
        """Samples of the current epoch that steps have been taken for; 0 between epochs."""
        return self.running.samples if self.at.batch else 0

    def steer(self, factor: float) -> None:
        """People have multiplied the rate by `factor` in all."""
        self.at.factor = factor
        self.at.actions += 1

    def next_phase(self) -> None:
        """Go on with the next phase: w stays, the optimizer's memory and t start anew."""
        at = self.at
        at.phase, at.phase_step, at.phase_epoch = at.phase + 1, at.step, at.epoch
        self.memory = self.phase.optimizer.start(self.w)

    @np.errstate(over="ignore", invalid="ignore")  # an infinite loss is found by its value
    def run_epoch(self, watcher: Watcher) -> Epoch:
        """Train through all batches once, or through those that are left of this epoch.

        Raises DivergedError before a step whose loss or gradient is not finite is taken, and after
        one that is not finite itself.
        """
        at = self.at
        if at.batch == 0:
            at.epoch, self.running = at.epoch + 1, Sums()
        rate, step_norm, cost = self.rate, 0.0, Cost()
        for positions in self.batches.batches(at.epoch, at.batch):
            watcher.before_step()
            rate, last = self.rate, at.batch + 1 == self.batches.steps_per_epoch
            wanted, place = watcher.wants(at.step + 1), f"at epoch {at.epoch}, step {at.step + 1}"
            samples = self.dataset.samples(self.dataset.train, positions)
            draw = (self.seed, at.epoch, at.step)
            objective = Objective(self.network, samples, draw, norms=wanted)
            before = self.w.copy() if last or wanted else self.w
            try:
                batch = self.phase.optimizer.step(self.w, objective, rate, self.memory)
            except NotFiniteError as what:
                raise self._diverged(f"training {what}", place, samples) from None
            step_norm = norm(self.w.astype(np.float64) - before) if last or wanted else 0.0
            if not (np.isfinite(self.w).all() and math.isfinite(step_norm)):
                raise self._diverged("step", place, samples)
            self.running += batch
            at.batch, at.step = at.batch + 1, at.step + 1
            at.samples += objective.cost.gradients
            cost += objective.cost
            if wanted:
                slope = objective.gradient_norm
                watcher.record(StepRow(at.step, at.samples, rate, batch.risk, slope, step_norm))
            watcher.after_step(at.epoch, at.batch, self.running, rate)
        at.batch = 0
        return Epoch(self.running, rate, step_norm, cost)

    def measure(self, part: Part) -> Sums:
        """Loss and error on a part of the data at the current w.  Raises DivergedError."""
        samples = self.dataset.samples(part)
        total, _ = self.network.measure(self.w, samples)
        if not math.isfinite(total.loss):
            name = "validation" if part is self.dataset.validation else "training"
            raise self._diverged(f"{name} loss", f"after epoch {self.at.epoch}", samples)
        return total

    def state(self) -> TrainerState:
        """The plain numbers of the state, for the checkpoint; the arrays are w and `memory`."""
        plateau = self.phase.plateau
        return TrainerState(
            at=replace(self.at),
            running=self.running,
            plateau=None if plateau is None else plateau.state(),
        )

    def restore(
        self, state: TrainerState, w: Array, memory: dict[str, Array], settings_changed: bool
    ) -> None:
        """Go on from `state` and its arrays.

        settings_changed   whether settings have changed since: the optimizer's memory and the
                           counters of saturation start afresh where they no longer fit

        Raises ValueError or TypeError where they do not fit.
        """
        self.at, self.running = replace(state.at), state.running
        self.w, self.memory = w, memory
        if settings_changed:
            self._refit()
        elif _shapes(memory) != _shapes(self.phase.optimizer.start(w)):
            raise ValueError("the optimizer's memory is not what its settings call for")
        plateau = self.phase.plateau
        if plateau is not None and state.plateau is not None:
            plateau.restore(state.plateau)
        elif plateau is not None and not settings_changed:
            raise ValueError("it lacks the counters of on_plateau")

    def _refit(self) -> None:
        """Bring the position and the memory in line with the settings; t stays what it was."""
        at = self.at
        at.phase = min(at.phase, len(self.phases) - 1)
        done = at.completed - at.phase_epoch  # epochs of this phase
        at.phase_step = at.step - at.batch - done * self.batches.steps_per_epoch
        fresh = self.phase.optimizer.start(self.w)
        if _shapes(fresh) != _shapes(self.memory):
            self.memory = fresh

    def _diverged(self, what: str, place: str, samples: PartSamples) -> DivergedError:
        layer = first_not_finite(self.network, self.w, samples)
        origin = f", first in the output of {layer}" if layer else ""
        advice = f"learning rate {self.rate:g}: try {self.rate / 10:g}"
        return DivergedError(f"the {what} is not finite {place}{origin} ({advice})")


def _shapes(arrays: dict[str, Array]) -> dict[str, Any]:
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}
