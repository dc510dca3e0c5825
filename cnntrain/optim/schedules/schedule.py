"""Learning-rate schedules: pure functions t -> alpha, t = step / steps per epoch.

`step` counts the updates done before, so t = 0 is the first one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from cnntrain.elementary import half_wave
from cnntrain.optim.plateau import Plateau
from cnntrain.settings import Described, Doubt, setting
from cnntrain.settings.section import exceeds
from cnntrain.settings.types import AMapping, NotNegative, OrNone

Factor = Annotated[float, Field(gt=0, le=1)]
INITIAL = "The learning rate at the start."
FINAL = "The learning rate at the end."
INITIAL_ALSO = "baselr initiallr learningrate lr rate"


class Schedule(Described):
    """One way in which the learning rate alpha depends on t.

    stepwise    whether the rate falls at single points, each of which is an event
    by_epochs   whether the rate depends on the number of epochs to train
    rate_key    the key of the largest rate, which a sweep over learning rates is about
    """

    tag = "schedule"
    shared = ("warm_up", "on_plateau")
    stepwise: ClassVar[bool] = False
    by_epochs: ClassVar[bool] = False
    rate_key: ClassVar[str] = "initial"

    warm_up: NotNegative = setting(
        "Epochs in which the rate rises linearly to the scheduled one.", 0.0
    )
    on_plateau: OrNone[Annotated[Plateau, AMapping]] = setting(
        "What lowers the rate when progress saturates.", "none"
    )

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        if self.warm_up >= epochs:
            yield "warm_up", exceeds(self.warm_up, epochs, "the rate rises to the end")
        largest = getattr(self, self.rate_key)
        if self.on_plateau != "none" and self.on_plateau.minimum >= largest:
            yield (
                "on_plateau",
                f"lowers nothing: its minimum is not below {self.rate_key} {largest:g}",
            )
        if getattr(self, "final", 0.0) > largest:
            yield "final", f"is above {self.rate_key} {largest:g}: the rate rises at the end"

    @abstractmethod
    def rate(self, t: float, epochs: int) -> float:
        """alpha at t, in epochs since training began, of `epochs` epochs in all."""

    def warming(self, t: float, steps_per_epoch: int) -> float:
        """What the rate is multiplied by while it warms up: (step + 1) / (steps in `warm_up`) until
        that is 1, so that the first step is already a small one and not none at all."""
        if self.warm_up == 0:
            return 1.0
        return min(1.0, (t + 1 / steps_per_epoch) / self.warm_up)


def cosine_fall(high: float, low: float, progress: float) -> float:
    """Half a cosine wave from `high` (progress 0) to `low` (progress 1 and beyond)."""
    return low + (high - low) * half_wave(min(progress, 1.0))


def straight_fall(high: float, low: float, progress: float) -> float:
    """A straight line likewise."""
    return low + (high - low) * (1 - min(progress, 1.0))
