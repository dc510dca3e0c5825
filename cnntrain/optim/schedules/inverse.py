"""A rate that falls like a power of 1 / t."""

from __future__ import annotations

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
        return self.initial / power(1 + self.gamma * t, self.power)
