"""How a network is trained: optimizer, learning rate, early stopping, checkpoints, computing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Tag

from cnntrain.config.base import (
    Auto,
    Count,
    NotNegative,
    Positive,
    Section,
    tagged,
)


class SGD(Section):
    """Stochastic gradient descent: v <- momentum v + g, w <- w - rate v."""

    type: Literal["sgd"]
    momentum: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the last step's velocity that is kept."
    )
    weight_decay: NotNegative = Field(
        default=0.0,
        description="L2 penalty: this number times a weight is added to its gradient; not for "
        "biases.",
    )


class ConstantRate(Section):
    """The same rate throughout. A plain number means this."""

    schedule: Literal["constant"]
    initial: Positive = Field(description="The learning rate.")


class StepRate(Section):
    """The rate falls by a factor at regular intervals."""

    schedule: Literal["step"]
    initial: Positive = Field(description="The learning rate at the start.")
    factor: float = Field(
        default=0.1, gt=0, le=1, description="What the rate is multiplied with at each fall."
    )
    every: Count = Field(default=10, description="Epochs from one fall to the next.")


def as_schedule(value: Any) -> Any:
    """A plain learning rate r means {schedule: constant, initial: r}."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"schedule": "constant", "initial": value}
    return value


_Constant = Annotated[ConstantRate, Tag("<constant>")]
_Step = Annotated[StepRate, Tag("<step>")]
LearningRate = Annotated[
    _Constant | _Step,
    tagged("schedule"),
    BeforeValidator(as_schedule, json_schema_input_type=Positive | ConstantRate | StepRate),
]


class EarlyStopping(Section):
    """Stop when the validation part has not got better for a while."""

    monitor: Literal["validation_error", "validation_loss"] = Field(
        default="validation_error",
        description="What must fall: the share of wrong answers, or the loss.",
    )
    patience: Count = Field(
        default=5, description="Epochs in a row without improvement after which training stops."
    )
    min_delta: NotNegative = Field(
        default=0.0, description="Smallest fall that counts, in the unit of what is monitored."
    )


class Checkpoint(Section):
    """Which checkpoints stay."""

    keep: Count = Field(
        default=3, description="Number of most recent epoch checkpoints kept beside the best."
    )


class Compute(Section):
    """How the computation is done. workers changes no result."""

    dtype: Literal["float32", "float64"] = Field(
        default="float32", description="Type of the numbers."
    )
    workers: Auto = Field(default="auto", description="Threads; auto: one a usable core.")
    chunk: Auto = Field(
        default="auto",
        description="Samples that go through the network together; auto: by the batch size and "
        "the layers.",
    )
