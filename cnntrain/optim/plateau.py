"""Lowering the learning rate when progress saturates (Section 4: "say, divided by 10")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnntrain.optim.patience import Patience


@dataclass
class Plateau:
    """Multiplies the scheduled rate by `factor`, once more each time `patience` is exhausted.

    monitor    column of metrics.csv that must fall
    cooldown   epochs after a reduction in which a miss does not count
    minimum    bound below which the rate is not lowered

    With a constant value, patience 2 and cooldown 0 it lowers after epochs 3, 5, 7; with
    cooldown 1 after 3, 6, 9.
    """

    factor: float
    patience: int
    min_delta: float
    cooldown: int
    minimum: float
    monitor: str
    scale: float = 1.0
    cooling: int = 0
    counter: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.counter = Patience(self.patience, self.min_delta)

    def rate(self, scheduled: float) -> float:
        """The rate for a scheduled one: never raised, and not lowered below the minimum."""
        return max(scheduled * self.scale, min(scheduled, self.minimum))

    def update(self, value: float) -> bool:
        """Count one epoch's value; whether progress has saturated, and the rate is to fall."""
        exhausted = self.counter.update(value)
        if self.cooling:
            self.cooling -= 1
            self.counter.misses = 0
            return False
        if exhausted:
            self.counter.misses, self.cooling = 0, self.cooldown
        return exhausted

    def lower(self, scheduled: float) -> bool:
        """Lower the rate by the factor; False, and nothing done, where it is at its minimum."""
        before, old = self.rate(scheduled), self.scale
        self.scale *= self.factor
        if self.rate(scheduled) < before:
            return True
        self.scale = old
        return False

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds of it."""
        return {"scale": self.scale, "cooling": self.cooling, "counter": self.counter.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.scale, self.cooling = state["scale"], state["cooling"]
        self.counter.restore(state["counter"])
