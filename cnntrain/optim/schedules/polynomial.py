"""A rate that falls to its final value along a power of the time left."""

from __future__ import annotations

from typing import ClassVar, Literal

from cnntrain.elementary import power
from cnntrain.optim.schedules.schedule import FINAL, INITIAL, INITIAL_ALSO, Schedule
from cnntrain.settings import setting
from cnntrain.settings.types import NotNegative, Positive


class Polynomial(Schedule):
    """final + (initial - final) (1 - t / epochs)^power."""

    by_epochs: ClassVar[bool] = True

    schedule: Literal["polynomial"] = "polynomial"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    power: Positive = setting("The exponent; 1 is a straight line.", 1.0)
    final: NotNegative = setting(FINAL, 0.0)

    def rate(self, t: float, epochs: int) -> float:
        """The formula above until t = epochs, and `final` from there on."""
        left = max(0.0, 1 - t / epochs)
        return self.final + (self.initial - self.final) * power(left, self.power)
