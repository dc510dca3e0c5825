"""One stretch of training: an optimizer, a learning rate, and how long they last.

"Good results early on; near a minimum a fixed and small step is often preferable" (Section 4)
takes two phases, such as Adam until progress saturates and then SGD.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnntrain.optim.methods.optimizer import Optimizer
from cnntrain.optim.plateau import Plateau
from cnntrain.optim.schedules import Schedule


@dataclass(frozen=True)
class Phase:
    """Settings and saturation counter of one phase.

    schedule       rate as a function of t, in epochs since the phase began
    warm_up        what it is multiplied by, a function of t that rises to 1
    plateau        what lowers the rate further, or ends the phase; None: nothing does
    epochs         number of epochs after which the phase ends; None: no such number
    until_plateau  whether saturation ends the phase instead of lowering the rate
    stepwise       whether the schedule falls at single points, each of which is an event
    """

    optimizer: Optimizer
    schedule: Schedule
    warm_up: Schedule
    plateau: Plateau | None
    epochs: int | None
    until_plateau: bool
    stepwise: bool

    def scheduled(self, t: float) -> float:
        """The learning rate at t if progress never saturated."""
        return self.schedule(t) * self.warm_up(t)

    def rate(self, t: float) -> float:
        """The learning rate at t."""
        scheduled = self.scheduled(t)
        return scheduled if self.plateau is None else self.plateau.rate(scheduled)

    def falls(self, t: float) -> bool:
        """Whether a stepwise schedule gives less at t than one epoch before."""
        return self.stepwise and self.schedule(t) < self.schedule(t - 1)
