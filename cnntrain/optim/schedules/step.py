"""A rate that falls at regular intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Literal

from cnntrain.elementary import power
from cnntrain.optim.schedules.schedule import INITIAL, INITIAL_ALSO, Factor, Schedule
from cnntrain.settings import Doubt, setting
from cnntrain.settings.section import exceeds
from cnntrain.settings.types import Count, Positive


class Step(Schedule):
    """The rate falls by a factor at regular intervals: initial factor^floor(t / every)."""

    stepwise: ClassVar[bool] = True
    also = "steplr"

    schedule: Literal["step"] = "step"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    factor: Factor = setting("What the rate is multiplied with at a fall.", 0.1, also="decay gamma")
    every: Count = setting("Epochs from one fall to the next.", 10, also="period stepsize")

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        yield from super().doubts(epochs)
        if self.every >= epochs:
            yield "every", exceeds(self.every, epochs, "the rate never falls")

    def rate(self, t: float, epochs: int) -> float:
        return self.initial * power(self.factor, math.floor(t / self.every))
