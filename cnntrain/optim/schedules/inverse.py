"""A rate that falls like a power of 1 / t."""

from __future__ import annotations

import math
from typing import Literal

from cnntrain.elementary import power
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
        growth = 1 + self.gamma * t
        if math.isinf(growth):
            return self.initial / power(self.gamma, self.power) / power(t, self.power)
        if math.isinf(raised := power(growth, self.power)):  # the rate itself need not be 0
            half = power(growth, self.power / 2)
            return self.initial / half / half
        return self.initial / raised
