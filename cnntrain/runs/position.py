"""How far a run has come."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Position:
    """How far training has come: plain numbers, all of which go into the checkpoint.

    epoch         epochs begun
    batch         steps taken in this epoch, 0 between epochs
    step          steps taken
    samples       samples whose gradient was computed
    phase         index of the current phase
    phase_step,
    phase_epoch   the step and the epoch after which it began; with other settings than those it
                  began with, the step at which it would have: even one before the first
    factor        what people have multiplied the learning rate by, and
    actions       in how many actions
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    samples: int = 0
    phase: int = 0
    phase_step: int = 0
    phase_epoch: int = 0
    factor: float = 1.0
    actions: int = 0

    @property
    def completed(self) -> int:
        """Epochs that are complete."""
        return self.epoch - (1 if self.batch else 0)

    @property
    def possible(self) -> bool:
        """Whether there is a run that comes to this position."""
        return (
            min(self.batch, self.samples, self.phase, self.phase_epoch, self.actions) >= 0
            and 0 < self.factor < math.inf
            and self.step >= max(self.batch, self.phase_step)
            and self.completed >= self.phase_epoch
        )
