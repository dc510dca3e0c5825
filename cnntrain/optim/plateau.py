"""Lowering the learning rate when progress saturates (Section 4: "say, divided by 10")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnntrain.metrics import Column, cost
from cnntrain.optim.patience import DELTA, MONITOR, Delta, Patience, late, too_large
from cnntrain.settings import Doubt, Section, setting
from cnntrain.settings.types import Count, NotNegative, Whole


class Plateau(Section):
    """Lower the rate when progress saturates."""

    factor: float = setting(
        "What the scheduled rate is multiplied with, again at each saturation.",
        0.1,
        gt=0,
        lt=1,
        also="decay gamma",
    )
    patience: Count = setting("Epochs in a row without improvement that mean saturation.", 5)
    min_delta: Delta = setting(DELTA, 0.0)
    cooldown: Whole = setting("Epochs after a reduction in which misses do not count.", 0)
    minimum: NotNegative = setting("The rate is not lowered below this.", 0.0)
    monitor: Column = setting(MONITOR, "train_loss")

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        yield from late(self.patience, epochs)
        yield from too_large(self.monitor, self.min_delta)


@dataclass
class PlateauCounter:
    """How often progress has saturated by the rule `plateau`, and what that makes of the rate.

    The rate is multiplied by `factor` once more each time `patience` is exhausted.  With a
    constant value, patience 2 and cooldown 0 it is lowered after epochs 3, 5, 7; with cooldown 1
    after 3, 6, 9.

    scale     what the scheduled rate is multiplied by
    cooling   epochs left in which misses do not count
    """

    plateau: Plateau
    scale: float = 1.0
    cooling: int = 0
    counter: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.counter = Patience(self.plateau.patience, self.plateau.min_delta)

    @property
    def monitor(self) -> str:
        """The column of metrics.csv that must get better."""
        return self.plateau.monitor

    def rate(self, scheduled: float) -> float:
        """The rate for a scheduled one: never raised, and not lowered below the minimum."""
        return max(scheduled * self.scale, min(scheduled, self.plateau.minimum))

    def update(self, value: float) -> bool:
        """Count one epoch's value; whether progress has saturated, and the rate is to fall."""
        exhausted = self.counter.update(cost(self.monitor, value))
        if self.cooling:
            self.cooling -= 1
            self.counter.misses = 0
            return False
        if exhausted:
            self.counter.misses, self.cooling = 0, self.plateau.cooldown
        return exhausted

    def lower(self, scheduled: float) -> bool:
        """Lower the rate by the factor; False, and nothing done, where it is at its minimum."""
        before, old = self.rate(scheduled), self.scale
        self.scale *= self.plateau.factor
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
