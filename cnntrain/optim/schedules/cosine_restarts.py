"""Cosine falls, one after another (SGDR: Loshchilov and Hutter, ICLR 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from cnntrain.optim.schedules.schedule import FINAL, INITIAL, INITIAL_ALSO, Schedule, cosine_fall
from cnntrain.settings import Doubt, setting
from cnntrain.settings.section import exceeds
from cnntrain.settings.types import Count, NotNegative, Positive


class CosineRestarts(Schedule):
    """Half cosine waves from initial to final, one after another (Loshchilov and Hutter 2017)."""

    schedule: Literal["cosine_restarts"] = "cosine_restarts"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    period: Count = setting("Epochs that the first wave takes.", 10)
    growth: float = setting("How many times as long the next wave takes.", 2.0, ge=1)
    final: NotNegative = setting(FINAL, 0.0)

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        yield from super().doubts(epochs)
        if self.period >= epochs:
            yield "period", exceeds(self.period, epochs, "there is no restart")

    def rate(self, t: float, epochs: int) -> float:
        start, length = 0.0, float(self.period)
        if self.growth == 1:
            start = t // length * length
        while t >= start + length:
            start, length = start + length, length * self.growth
        return cosine_fall(self.initial, self.final, (t - start) / length)
