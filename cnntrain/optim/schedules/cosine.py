"""A rate that falls along half a cosine wave."""

from __future__ import annotations

from typing import ClassVar, Literal

from cnntrain.optim.schedules.schedule import FINAL, INITIAL, INITIAL_ALSO, Schedule, cosine_fall
from cnntrain.settings import setting
from cnntrain.settings.types import NotNegative, Positive


class Cosine(Schedule):
    """Half a cosine wave from initial to final.

    alpha = final + (initial - final) (1 + cos(pi t / epochs)) / 2, and `final` from t = epochs on
    (Loshchilov and Hutter, ICLR 2017, without restarts).
    """

    by_epochs: ClassVar[bool] = True

    schedule: Literal["cosine"] = "cosine"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    final: NotNegative = setting(FINAL, 0.0)

    def rate(self, t: float, epochs: int) -> float:
        return cosine_fall(self.initial, self.final, t / epochs)
