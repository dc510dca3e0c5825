"""Patience: the counter behind early stopping and plateaus."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cnntrain.metrics import MEASURES
from cnntrain.settings.section import Doubt, exceeds
from cnntrain.settings.types import AReal, AWord, NotNegative, from_integer, tagged
from cnntrain.text import all_of


def late(patience: int, epochs: int) -> Iterator[Doubt]:
    """The doubt about a `patience` that changes nothing in `epochs` epochs: the first of them is an
    improvement, and after the last there is nothing to change."""
    if patience + 1 >= epochs:
        yield "patience", exceeds(patience, epochs, "it cannot run out before they are over")


Delta = Annotated[
    Annotated[
        Annotated[NotNegative, AReal]
        | Annotated[
            str,
            Field(
                pattern=r"^[0-9]{1,2}([.][0-9]+)?%$",
                title="a share of the best value, such as 1%, below 100%",
            ),
            AWord,
        ],
        tagged(),
    ],
    from_integer,
]
MONITOR = (
    "What is watched: a column of metrics.csv. "
    f"{all_of(name for name, one in MEASURES.items() if one.larger)} must rise, all others must "
    f"fall; {all_of(name for name, one in MEASURES.items() if one.full)} need evaluate_train: full."
)
DELTA = (
    "Smallest improvement that counts, in the unit of what is monitored, or as a share of its best "
    "value, such as 1%."
)


def too_large(monitor: str, min_delta: float | str) -> Iterator[Doubt]:
    """The doubt about a `min_delta` that nothing monitored can get better by."""
    if not isinstance(min_delta, str) and MEASURES[monitor].share and min_delta >= 1:
        change = "rise" if MEASURES[monitor].larger else "fall"
        yield "min_delta", f"is {min_delta:g}: {monitor}, between 0 and 1, cannot {change} by more"


@dataclass
class Patience:
    """Exhausted after `patience` epochs in a row without improvement.

    An improvement is strict, and a fall by more than `min_delta` below the value at the last
    improvement, or by more than that share of it, "1%"; NaN is none.  With patience 1 the first
    miss exhausts.

    >>> rule = Patience(2)
    >>> [rule.update(value) for value in (0.5, 0.4, 0.4, 0.39, 0.39, 0.4)]
    [False, False, False, False, False, True]
    """

    patience: int
    min_delta: float | str = 0.0
    reference: float = math.inf
    misses: int = 0

    def update(self, value: float) -> bool:
        """Count one epoch's value; whether patience is exhausted now."""
        if self._improved(value):
            self.reference, self.misses = value, 0
        else:
            self.misses += 1
        return self.misses >= self.patience

    def _improved(self, value: float) -> bool:
        fall, least = self.reference - value, self.min_delta
        if isinstance(least, str):
            known = math.isfinite(self.reference)
            least = float(least.removesuffix("%")) / 100 * abs(self.reference) if known else 0.0
        return fall > least

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
