"""How far a run has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Position:
    """How far training has come: plain numbers, all of which go into the checkpoint.

    epoch         epochs begun
    batch         steps taken in this epoch, 0 between epochs
    step          steps taken
    samples       samples whose gradient was computed
    phase         index of the current phase, and the step and epoch after which it began
    factor        what people have multiplied the learning rate by, and in how many actions
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
