"""A rate that falls exponentially."""

from __future__ import annotations

from typing import Literal

from cnntrain.elementary import power
from cnntrain.optim.schedules.schedule import INITIAL, INITIAL_ALSO, Factor, Schedule
from cnntrain.settings import setting
from cnntrain.settings.types import Positive


class Exponential(Schedule):
    """initial gamma^t, t in epochs."""

    schedule: Literal["exponential"] = "exponential"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    gamma: Factor = setting("What an epoch multiplies the rate with.", 0.95)

    def rate(self, t: float, epochs: int) -> float:
        return self.initial * power(self.gamma, t)
