"""One rise and one fall of the rate (Smith 2018, arXiv:1803.09820)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from cnntrain.optim.schedules.schedule import (
    FINAL,
    INITIAL,
    INITIAL_ALSO,
    Schedule,
    cosine_fall,
    straight_fall,
)
from cnntrain.settings import Doubt, setting
from cnntrain.settings.types import NotNegative, Positive


class OneCycle(Schedule):
    """Up to a maximum in a straight line, then down along half a cosine wave or in a straight line
    (Smith 2018)."""

    by_epochs: ClassVar[bool] = True
    rate_key: ClassVar[str] = "maximum"

    schedule: Literal["one_cycle"] = "one_cycle"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    maximum: Positive = setting("The largest learning rate.")
    warm_up_fraction: float = setting("Share of the epochs that the rise takes.", 0.3, gt=0, lt=1)
    fall: Literal["cosine", "linear"] = setting(
        "How the rate goes down: along half a cosine wave, or in a straight line.",
        "cosine",
        also="anneal annealing annealstrategy",
    )
    final: NotNegative = setting(FINAL, 0.0)

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        yield from super().doubts(epochs)
        if self.initial > self.maximum:
            yield (
                "initial",
                f"is above maximum {self.maximum:g}: the rate falls where it should rise",
            )

    def rate(self, t: float, epochs: int) -> float:
        top = self.warm_up_fraction * epochs
        if t < top:
            return self.initial + (self.maximum - self.initial) * (t / top)
        fall = {"cosine": cosine_fall, "linear": straight_fall}[self.fall]
        return fall(self.maximum, self.final, (t - top) / (epochs - top))
