"""A rate that falls like a power of 1 / t."""

from __future__ import annotations

import math
from typing import Literal

from cnntrain.optim.schedules.schedule import INITIAL, INITIAL_ALSO, Schedule
from cnntrain.settings import setting
from cnntrain.settings.types import Positive


class Inverse(Schedule):
    """initial / (1 + gamma t)^power, t in epochs."""

    schedule: Literal["inverse"] = "inverse"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    gamma: Positive = setting("How fast the rate falls, per epoch.", 1.0)
    power: Positive = setting("The exponent.", 1.0)

    def rate(self, t: float, epochs: int) -> float:
        try:
            alpha: float = self.initial / (1 + self.gamma * t) ** self.power
        except OverflowError:
            alpha = 0.0
        if alpha > 0:
            return alpha
        # Where gamma t or the power is beyond the range of floats, the rate itself need not be.
        growth = math.log1p(self.gamma * t)
        if math.isinf(growth):
            growth = math.log(self.gamma) + math.log(t)
        return math.exp(math.log(self.initial) - self.power * growth)
