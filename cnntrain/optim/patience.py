"""Patience: the counter behind early stopping and plateaus."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cnntrain.settings.section import Doubt, exceeds


def late(patience: int, epochs: int) -> Iterator[Doubt]:
    """The doubt about a `patience` that changes nothing in `epochs` epochs: the first of them is an
    improvement, and after the last there is nothing to change."""
    if patience + 1 >= epochs:
        yield "patience", exceeds(patience, epochs, "it cannot run out before they are over")


def too_large(monitor: str, min_delta: float) -> Iterator[Doubt]:
    """The doubt about a `min_delta` that nothing monitored can fall by."""
    if monitor.endswith("error") and min_delta >= 1:
        yield "min_delta", f"is {min_delta:g}: {monitor}, between 0 and 1, cannot fall by more"


@dataclass
class Patience:
    """Exhausted after `patience` epochs in a row without improvement.

    An improvement is strict and by more than `min_delta` over the value at the last reset;
    NaN is none.  With patience 1 the first miss exhausts.

    >>> rule = Patience(2)
    >>> [rule.update(value) for value in (0.5, 0.4, 0.4, 0.39, 0.39, 0.4)]
    [False, False, False, False, False, True]
    """

    patience: int
    min_delta: float = 0.0
    reference: float = math.inf
    misses: int = 0

    def update(self, value: float) -> bool:
        """Count one epoch's value; whether patience is exhausted now."""
        if self.reference - value > self.min_delta:
            self.reference, self.misses = value, 0
        else:
            self.misses += 1
        return self.misses >= self.patience

    def reset(self) -> None:
        """Start anew."""
        self.reference, self.misses = math.inf, 0

    def state(self) -> dict[str, float | int | None]:
        """The counter as JSON can hold it, for a checkpoint."""
        reference = None if math.isinf(self.reference) else self.reference
        return {"reference": reference, "misses": self.misses}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        reference = state["reference"]
        self.reference = math.inf if reference is None else reference
        self.misses = state["misses"]
