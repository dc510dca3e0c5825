"""The learning rate: schedules, warm-up, and what lowers the rate when progress saturates."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, Tag

from cnntrain.config.base import (
    AMapping,
    AWord,
    Count,
    NotNegative,
    Positive,
    Section,
    Whole,
    from_list,
    tagged,
)

Initial = Annotated[Positive, Field(description="The learning rate at the start.")]
Final = Annotated[NotNegative, Field(description="The learning rate at the end.")]
Factor = Annotated[float, Field(gt=0, le=1)]


class Plateau(Section):
    """Lower the rate when progress saturates."""

    factor: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="What the scheduled rate is multiplied with, again at each saturation.",
    )
    patience: Count = Field(
        default=5, description="Epochs in a row without improvement that mean saturation."
    )
    min_delta: NotNegative = Field(
        default=0.0, description="Smallest fall that counts, in the unit of what is monitored."
    )
    cooldown: Whole = Field(
        default=0, description="Epochs after a reduction in which misses do not count."
    )
    minimum: NotNegative = Field(default=0.0, description="The rate is not lowered below this.")
    monitor: Literal["train_loss", "train_error", "validation_loss", "validation_error"] = Field(
        default="train_loss", description="What must fall: a column of metrics.csv."
    )


WarmUp = Annotated[
    NotNegative,
    Field(description="Epochs in which the rate rises linearly to the scheduled one."),
]
OnPlateau = Annotated[
    Annotated[Literal["none"], AWord] | Annotated[Plateau, AMapping],
    tagged(),
    Field(description="What lowers the rate when progress saturates."),
]


class Schedule(Section):
    """What the schedules below have in common, and in what they differ besides their formula.

    stepwise    whether the rate falls at single points, each of which is an event
    by_epochs   whether the rate depends on the number of epochs to train
    rate_key    the key of the largest rate, which a sweep over learning rates is about
    """

    stepwise: ClassVar[bool] = False
    by_epochs: ClassVar[bool] = False
    rate_key: ClassVar[str] = "initial"


class Constant(Schedule):
    """The same rate throughout. A plain number means this."""

    schedule: Literal["constant"]
    initial: Positive = Field(description="The learning rate.")
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class Step(Schedule):
    """The rate falls by a factor at regular intervals: initial factor^floor(t / every)."""

    stepwise: ClassVar[bool] = True

    schedule: Literal["step"]
    initial: Initial
    factor: Factor = Field(default=0.1, description="What the rate is multiplied with at a fall.")
    every: Count = Field(default=10, description="Epochs from one fall to the next.")
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class Multistep(Schedule):
    """The rate falls by a factor at each milestone."""

    stepwise: ClassVar[bool] = True

    schedule: Literal["multistep"]
    initial: Initial
    milestones: Annotated[
        tuple[Count, ...], Field(min_length=1, title="a list of integers >= 1"), from_list
    ] = Field(description="Epochs after which the rate falls.")
    factor: Factor = Field(default=0.1, description="What the rate is multiplied with at a fall.")
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class Exponential(Schedule):
    """initial gamma^t, t in epochs."""

    schedule: Literal["exponential"]
    initial: Initial
    gamma: Factor = Field(default=0.95, description="What an epoch multiplies the rate with.")
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class Inverse(Schedule):
    """initial / (1 + gamma t)^power, t in epochs."""

    schedule: Literal["inverse"]
    initial: Initial
    gamma: Positive = Field(default=1.0, description="How fast the rate falls, per epoch.")
    power: Positive = Field(default=1.0, description="The exponent.")
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class Polynomial(Schedule):
    """final + (initial - final) (1 - t / epochs)^power."""

    by_epochs: ClassVar[bool] = True

    schedule: Literal["polynomial"]
    initial: Initial
    power: Positive = Field(default=1.0, description="The exponent; 1 is a straight line.")
    final: Final = 0.0
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class Cosine(Schedule):
    """Half a cosine wave from initial to final."""

    by_epochs: ClassVar[bool] = True

    schedule: Literal["cosine"]
    initial: Initial
    final: Final = 0.0
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class CosineRestarts(Schedule):
    """Half cosine waves from initial to final, one after another (Loshchilov and Hutter 2017)."""

    schedule: Literal["cosine_restarts"]
    initial: Initial
    period: Count = Field(default=10, description="Epochs that the first wave takes.")
    growth: float = Field(
        default=2.0, ge=1, description="How many times as long the next wave takes."
    )
    final: Final = 0.0
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


class OneCycle(Schedule):
    """Up to a maximum in a straight line, then down along a cosine (Smith 2018)."""

    by_epochs: ClassVar[bool] = True
    rate_key: ClassVar[str] = "maximum"

    schedule: Literal["one_cycle"]
    initial: Initial
    maximum: Positive = Field(description="The largest learning rate.")
    warm_up_fraction: float = Field(
        default=0.3, gt=0, lt=1, description="Share of the epochs that the rise takes."
    )
    final: Final = 0.0
    warm_up: WarmUp = 0.0
    on_plateau: OnPlateau = "none"


def as_schedule(value: Any) -> Any:
    """A plain learning rate r means {schedule: constant, initial: r}."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"schedule": "constant", "initial": value}
    return value


_AnySchedule = (
    Annotated[Constant, Tag("<constant>")]
    | Annotated[Step, Tag("<step>")]
    | Annotated[Multistep, Tag("<multistep>")]
    | Annotated[Exponential, Tag("<exponential>")]
    | Annotated[Inverse, Tag("<inverse>")]
    | Annotated[Polynomial, Tag("<polynomial>")]
    | Annotated[Cosine, Tag("<cosine>")]
    | Annotated[CosineRestarts, Tag("<cosine_restarts>")]
    | Annotated[OneCycle, Tag("<one_cycle>")]
)
_OrNone = _AnySchedule | Annotated[Literal["none"], AWord]
LearningRate = Annotated[
    _AnySchedule,
    tagged("schedule"),
    BeforeValidator(
        as_schedule,
        json_schema_input_type=Positive | Annotated[_AnySchedule, tagged("schedule")],
    ),
]
LearningRateOrNone = Annotated[
    _OrNone,
    tagged("schedule"),
    BeforeValidator(
        as_schedule, json_schema_input_type=Positive | Annotated[_OrNone, tagged("schedule")]
    ),
]
