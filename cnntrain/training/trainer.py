"""The mathematics of training: w_t = w_(t-1) - alpha_t times a direction, batch after batch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cnntrain.data import Batches, Dataset, Part, PartSamples
from cnntrain.errors import DivergedError
from cnntrain.models.mirrored import measure
from cnntrain.nn.engines.updates import all_finite
from cnntrain.nn.inspect.diagnosis import first_not_finite
from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.network import Network
from cnntrain.nn.reductions import norm
from cnntrain.nn.shapes import Array
from cnntrain.optim.average import Average, RunningAverage
from cnntrain.optim.objective import NotFiniteError, Objective
from cnntrain.optim.phases import RunningPhase
from cnntrain.runs.checkpoint_record import TrainerState
from cnntrain.runs.position import Position
from cnntrain.training.divergence import advice
from cnntrain.training.layer_norms import LayerNorms
from cnntrain.training.step import TrainingStep


class Trainer:
    """Moves a network's parameters.

        for batch in trainer.epoch():
            step = trainer.step(batch)

    w, optimizer_state   the parameters w_t, and the arrays that the optimizer keeps
    buffers              what layers have beside parameters, such as running statistics
    average              the running average of both, None where there is none
    position             how far training has come
    running              sums over the batches of the current epoch
    flip                 whether a part is measured by its mirror images, too
    by_layer             whether the last step of an epoch is measured layer by layer
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        batches: Batches,
        phases: Sequence[RunningPhase],
        seed: int,
        flip: bool = False,
        clip: float = math.inf,
        average: Average | None = None,
        by_layer: bool = False,
    ) -> None:
        self.network, self.dataset, self.batches = network, dataset, batches
        self.phases, self.seed, self.flip, self.clip = phases, seed, flip, clip
        self.position, self.running = Position(), BatchTotals()
        self._average, self.by_layer = average, by_layer
        self.begin(network.initial_parameters(seed), network.initial_buffers())

    def begin(self, w: Array, buffers: Array) -> None:
        """Let training begin with these instead of random numbers."""
        self.w, self.buffers = w, buffers
        moving, settings = (w, buffers), self._average
        self.average = None if settings is None else RunningAverage(settings, moving)
        self.optimizer_state = self.phase.optimizer.start(w)

    @property
    def phase(self) -> RunningPhase:
        """The current phase."""
        return self.phases[self.position.phase]

    @property
    def phase_time(self) -> float:
        """t: epochs since the current phase began, at the next step."""
        return (self.position.step - self.position.phase_step) / self.batches.steps_per_epoch

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return self.phase.rate(self.phase_time) * self.position.factor

    @property
    def samples_seen(self) -> int:
        """Samples of the current epoch that have been trained on; 0 between epochs."""
        return self.running.samples if self.position.batch else 0

    def epoch(self) -> Iterator[Array]:
        """The batches of the next epoch, or those left of the current one, to be given to `step`.

        Each is a vector of positions in the training part.  When one is yielded, the state can be
        saved; at the start of an epoch it is the state at the end of the one before.
        """
        if self.position.batch == 0:
            self.position.epoch, self.running = self.position.epoch + 1, BatchTotals()
        yield from self.batches.batches(self.position.epoch, self.position.batch)
        self.position.batch = 0

    @np.errstate(over="ignore", invalid="ignore")  # an infinite loss is found by its value
    def step(self, batch: Array, norms: bool = False) -> TrainingStep:
        """Take one step on the samples of `batch`; `norms` measures gradient and step.

        Raises DivergedError before a step whose loss or gradient is not finite is taken, and after
        one that is not finite itself.
        """
        at, rate = self.position, self.rate
        place = f"at epoch {at.epoch}, step {at.step + 1}"
        samples = self.dataset.batch(batch, at.epoch)
        rng_key = (self.seed, at.epoch, at.step)
        last = at.batch + 1 == self.batches.steps_per_epoch
        measured, by_layer = norms or last, self.by_layer and last
        objective = Objective(
            self.network, samples, rng_key, norms, self.buffers, self.clip, by_layer
        )
        before = self.w.copy() if measured else self.w
        try:
            totals = self.phase.optimizer.step(self.w, objective, rate, self.optimizer_state)
        except NotFiniteError as what:
            raise self._diverged(f"training {what}", place, samples) from None
        moved = self.w.astype(np.float64) - before if measured else None
        step_norm = math.nan if moved is None else norm(moved)
        if not all_finite(self.w) or (measured and not math.isfinite(step_norm)):
            raise self._diverged("step", place, samples)
        if self.buffers.size and objective.statistics is not None:
            self.buffers = self.network.next_buffers(self.buffers, objective.statistics)
            if not all_finite(self.buffers):
                raise self._diverged("step", place, samples)
        layers = None
        if by_layer and moved is not None:
            measure = self.network.parameters.norms
            layers = LayerNorms(objective.layer_norms, measure(before), measure(moved))
        self.running += totals
        at.batch, at.step = at.batch + 1, at.step + 1
        at.samples += objective.counts.gradients
        if self.average is not None:
            self.average.after_step(at.step, (self.w, self.buffers))
        return TrainingStep(
            epoch=at.epoch,
            batch=at.batch,
            step=at.step,
            samples=at.samples,
            rate=rate,
            loss=totals.risk,
            gradient_norm=objective.gradient_norm,
            step_norm=step_norm,
            running=self.running,
            cost=objective.counts,
            layers=layers,
        )

    def measure(
        self, part: Part, average: RunningAverage | None = None
    ) -> tuple[BatchTotals, Array]:
        """Totals over a part of the data at the current w, or at its average, and outputs (N, e).

        Raises DivergedError.
        """
        samples, w, buffers = self.dataset.samples(part), self.w, self.buffers
        if average is not None:
            w, buffers = (mean.astype(w.dtype) for mean in average.means)
        total, outputs = measure(self.network, w, samples, buffers, self.flip)
        if not math.isfinite(total.loss):
            name = "validation" if part is self.dataset.validation else "training"
            place = f"after epoch {self.position.epoch}"
            raise self._diverged(f"{name} loss", place, samples)
        return total, outputs

    def scale_rate(self, factor: float) -> None:
        """From the next step on, multiply all rates by `factor`, which replaces the one before."""
        self.position.factor = factor
        self.position.actions += 1

    def next_phase(self) -> None:
        """Go on with the next phase: w stays, the optimizer's state and t start anew."""
        at = self.position
        at.phase, at.phase_step, at.phase_epoch = at.phase + 1, at.step, at.epoch
        self.optimizer_state = self.phase.optimizer.start(self.w)

    def state(self) -> TrainerState:
        """The plain numbers for a checkpoint; its arrays are `w`, `buffers`, their averages and
        `optimizer_state`."""
        plateau = self.phase.plateau
        return TrainerState(
            at=replace(self.position),
            running=self.running,
            plateau=None if plateau is None else plateau.state(),
            averaged=None if self.average is None else self.average.updates,
        )

    def restore(
        self,
        state: TrainerState,
        w: Array,
        buffers: Array,
        means: Sequence[Array] | None,
        optimizer_state: dict[str, Array],
        settings_changed: bool,
    ) -> None:
        """Go on from what `state` gave, and its arrays.

        means              of w and buffers, None where there is no average
        settings_changed   whether settings have changed since then: an optimizer's state or a
                           plateau's counters that do not fit them any more start anew

        Raises ValueError or TypeError where they do not fit.
        """
        self.position, self.running = replace(state.at), state.running
        self.w, self.buffers, self.optimizer_state = w, buffers, optimizer_state
        if settings_changed:
            self._adapt()
        elif _shapes(optimizer_state) != _shapes(self.phase.optimizer.start(w)):
            raise ValueError("the optimizer's state does not match its settings")
        if self.average is not None:
            if means is None or state.averaged is None:
                raise ValueError("it holds no average")
            self.average.restore(means, state.averaged)
        plateau = self.phase.plateau
        if plateau is not None and (state.plateau is not None or not settings_changed):
            if state.plateau is None:
                raise ValueError("it holds no counters of a plateau")
            plateau.restore(state.plateau)

    def _adapt(self) -> None:
        """Bring position and optimizer state in line with new settings; t stays what it was."""
        at = self.position
        at.phase = min(at.phase, len(self.phases) - 1)
        done = at.completed - at.phase_epoch  # epochs of this phase
        at.phase_step = at.step - at.batch - done * self.batches.steps_per_epoch
        fresh = self.phase.optimizer.start(self.w)
        if _shapes(fresh) != _shapes(self.optimizer_state):
            self.optimizer_state = fresh

    def _diverged(self, what: str, place: str, samples: PartSamples) -> DivergedError:
        layer = first_not_finite(self.network, self.w, samples, self.buffers)
        origin = f", first in the output of {layer}" if layer else ""
        taken = self.position.step + (what == "step")
        remark = advice(self.rate, taken, taken - self.position.phase_step, self.w.dtype)
        return DivergedError(f"the {what} is not finite {place}{origin} ({remark})")


def _shapes(arrays: dict[str, Array]) -> dict[str, Any]:
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}
