"""Phases of training: each an optimizer, a learning rate, and how long they last.

"Good results early on; near a minimum a fixed and small step is often preferable" (Section 4)
takes two phases, such as Adam until progress saturates and then SGD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from cnntrain.optim.methods import OPTIMIZERS, SGD, Optimizer
from cnntrain.optim.plateau import Plateau, PlateauCounter
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.settings import Doubt, Section, setting
from cnntrain.settings.section import exceeds
from cnntrain.settings.types import AMapping, AWord, Count, tagged


class UntilEpochs(Section):
    """End the phase after a number of epochs."""

    epochs: Count = setting("Epochs that the phase lasts.")


Until = Annotated[
    Annotated[Literal["end", "plateau"], AWord] | Annotated[UntilEpochs, AMapping], tagged()
]


class Phase(Section):
    """One stretch of training. The weights are carried over to the next one, the optimizer's
    memory is not; t of the learning rate, and the counters of plateau and stopping, start anew.
    In a phase without a number of epochs polynomial, cosine and one_cycle take the epochs that are
    left when those of the phases before it are done; one that saturation ends counts for none.
    """

    optimizer: Annotated[Optimizer, OPTIMIZERS] = setting("How a gradient becomes a step.", SGD())
    learning_rate: Annotated[Schedule, SCHEDULES] = setting("Step size in this phase.")
    until: Until = setting(
        "When the next phase begins, and training ends where there is none: after a number of "
        "epochs, or when progress saturates by the measure of on_plateau. Only the last phase may "
        "last to the end.",
        "end",
    )

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        if self.epochs is not None and self.epochs > epochs:
            yield "until", exceeds(self.epochs, epochs, "the phase is cut short")
        if self.until == "plateau" and self.learning_rate.on_plateau == "none":
            for _ in Plateau().doubts(epochs):
                yield (
                    "until",
                    f"is plateau, which takes {self.shortest} epochs or more, of {epochs}",
                )

    @property
    def shortest(self) -> int:
        """Epochs that the phase lasts at least, where another one follows."""
        return self.epochs or (self.plateau.patience + 1 if self.plateau else 1)

    @property
    def epochs(self) -> int | None:
        """Epochs that the phase lasts; None where no number is given."""
        return self.until.epochs if isinstance(self.until, UntilEpochs) else None

    @property
    def plateau(self) -> Plateau | None:
        """What measures saturation: on_plateau, or its defaults where that ends the phase."""
        if self.learning_rate.on_plateau != "none":
            return self.learning_rate.on_plateau
        return Plateau() if self.until == "plateau" else None


@dataclass(frozen=True)
class RunningPhase:
    """A phase in a run, and how far its progress has saturated.

    length   epochs that a schedule by epochs takes
    plateau  what lowers the rate further, or ends the phase; None: nothing does
    """

    phase: Phase
    length: int
    steps_per_epoch: int
    plateau: PlateauCounter | None

    @property
    def optimizer(self) -> Optimizer:
        """How a gradient becomes a step."""
        return self.phase.optimizer

    @property
    def epochs(self) -> int | None:
        """Number of epochs after which the phase ends; None: no such number."""
        return self.phase.epochs

    @property
    def until_plateau(self) -> bool:
        """Whether saturation ends the phase instead of lowering the rate."""
        return self.phase.until == "plateau"

    def scheduled(self, t: float) -> float:
        """The learning rate t epochs after the phase began, if progress never saturated."""
        schedule = self.phase.learning_rate
        return schedule.rate(t, self.length) * schedule.warming(t, self.steps_per_epoch)

    def rate(self, t: float) -> float:
        """The learning rate at t."""
        scheduled = self.scheduled(t)
        return scheduled if self.plateau is None else self.plateau.rate(scheduled)

    def falls(self, t: float) -> bool:
        """Whether a stepwise schedule gives less at t than one epoch before."""
        schedule = self.phase.learning_rate
        return schedule.stepwise and schedule.rate(t, self.length) < schedule.rate(
            t - 1, self.length
        )


def running_phases(
    phases: Iterable[Phase], epochs: int, steps_per_epoch: int
) -> list[RunningPhase]:
    """`phases`, one after the other, in a run of `epochs` epochs."""
    running, left = [], epochs
    for phase in phases:
        # A run may go on for longer than the phases that have a number of epochs leave.
        length = phase.epochs or max(left, 1)
        counter = None if phase.plateau is None else PlateauCounter(phase.plateau)
        running.append(RunningPhase(phase, length, steps_per_epoch, counter))
        left -= phase.epochs or 0
    return running
