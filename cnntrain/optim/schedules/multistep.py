"""A rate that falls at given epochs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cnntrain.elementary import power
from cnntrain.optim.schedules.schedule import INITIAL, INITIAL_ALSO, Factor, Schedule
from cnntrain.settings import Doubt, setting
from cnntrain.settings.section import exceeds
from cnntrain.settings.types import Count, Positive, from_list


class Multistep(Schedule):
    """The rate falls by a factor at each milestone."""

    stepwise: ClassVar[bool] = True

    schedule: Literal["multistep"] = "multistep"
    initial: Positive = setting(INITIAL, also=INITIAL_ALSO)
    milestones: Annotated[
        tuple[Count, ...], Field(min_length=1, title="a list of integers >= 1"), from_list
    ] = setting("Epochs after which the rate falls.")
    factor: Factor = setting("What the rate is multiplied with at a fall.", 0.1, also="decay gamma")

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        yield from super().doubts(epochs)
        late = [milestone for milestone in self.milestones if milestone >= epochs]
        if late:
            yield "milestones", exceeds(min(late), epochs, "the rate does not fall there")

    def rate(self, t: float, epochs: int) -> float:
        """alpha_0 factor^k, k being the number of milestones that t has reached."""
        passed = sum(t >= milestone for milestone in self.milestones)
        return self.initial * power(self.factor, passed)
