"""A constant learning rate."""

from __future__ import annotations

from typing import Literal

from cnntrain.optim.schedules.schedule import INITIAL_ALSO, Schedule
from cnntrain.settings import setting
from cnntrain.settings.types import Positive


class Constant(Schedule):
    """The same rate throughout. A plain number means this."""

    also = "fixed"

    schedule: Literal["constant"] = "constant"
    initial: Positive = setting("The learning rate.", also=INITIAL_ALSO)

    def rate(self, t: float, epochs: int) -> float:
        return self.initial
