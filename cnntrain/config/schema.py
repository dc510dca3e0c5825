"""The whole config, made by `load_config`, which checks what types cannot say, too."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from cnntrain.config.layers import AnyLayer
from cnntrain.config.source.positions import KeyPath, Marks, dotted
from cnntrain.config.training import (
    Checkpoint,
    Compute,
    Convergence,
    EarlyStopping,
)
from cnntrain.data.sources import SOURCES, Source
from cnntrain.optim.methods import OPTIMIZERS, SGD, Optimizer
from cnntrain.optim.phases import Phase
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.settings import Section
from cnntrain.settings.types import (
    AList,
    AMapping,
    AnInteger,
    AReal,
    AWord,
    Count,
    Number,
    OrNone,
    Seed,
    from_integer,
    from_list,
    tagged,
)

Error = Annotated[float, Field(ge=0, lt=1)]


class Config(Section):
    """Everything that a run depends on."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        title="a name of letters, digits, . _ and -, a letter or digit first, at most 100 in all",
        description="Name of the run, which goes to runs/NAME; {KEY} stands for a value of the "
        "config, such as {seed}. Default: the file's name without its ending.",
        json_schema_extra={"pattern": r"^[A-Za-z0-9{][A-Za-z0-9._{}-]*$"},
    )
    seed: Seed = Field(
        default=0, description="What all random numbers depend on, those of splits excepted."
    )
    data: Annotated[Source, SOURCES] = Field(description="The data.")
    layers: Annotated[tuple[AnyLayer, ...], Field(min_length=1), from_list] = Field(
        description="The network: its layers, first to last."
    )
    loss: Literal["cross_entropy", "quadratic"] = Field(
        description="cross_entropy for classes, after softmax; quadratic, the sum of squared "
        "differences, for real numbers or classes."
    )
    batch_size: Annotated[
        Annotated[Count, AnInteger] | Annotated[Literal["full"], AWord], tagged()
    ] = Field(
        description="Samples in a step: 1 for online learning, full for the whole training part."
    )
    drop_last: bool = Field(
        default=False, description="Whether an epoch leaves out its last batch if that is smaller."
    )
    epochs: Count = Field(description="Passes over the training part, at most.")
    optimizer: OrNone[Annotated[Optimizer, OPTIMIZERS, AMapping]] = Field(
        default=SGD(),
        description="How a gradient becomes a step; none where there are phases.",
    )
    learning_rate: Annotated[
        OrNone[Annotated[Schedule, SCHEDULES, AMapping]], BeforeValidator(SCHEDULES.written_out)
    ] = Field(
        description="Step size, a function of the epochs done; a plain number stays constant. "
        "Required, unless there are phases.",
    )
    phases: OrNone[Annotated[tuple[Phase, ...], Field(min_length=1), from_list, AList]] = Field(
        default="none",
        description="Stretches of training, each with an optimizer and a learning rate, which "
        "win over those above.",
    )
    early_stopping: OrNone[Annotated[EarlyStopping, AMapping]] = Field(
        default="none", description="When to stop before the last epoch."
    )
    convergence: OrNone[Annotated[Convergence, AMapping]] = Field(
        default="none", description="When steps make too little progress to go on."
    )
    target_error: Annotated[OrNone[Annotated[Error, AReal]], from_integer] = Field(
        default="none",
        description="Stop when the error comes down to this: on the validation part, or on the "
        "training part where there is none.",
    )
    max_minutes: Number = Field(
        default="none", description="Stop after the epoch in which this time is over."
    )
    evaluate_train: Literal["running", "full"] = Field(
        default="running",
        description="full adds the columns train_risk and train_zero_one, measured on the whole "
        "training part at the end of each epoch.",
    )
    record_steps: OrNone[Annotated[Count, AnInteger]] = Field(
        default="none", description="Write every so many steps to steps.csv."
    )
    checkpoint: Checkpoint = Field(default=Checkpoint(), description="Which checkpoints stay.")
    compute: Compute = Field(default=Compute(), description="How the computation is done.")

    _marks: Marks = PrivateAttr(default_factory=Marks)
    _remarks: tuple[str, ...] = PrivateAttr(default=())

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is allowed but may not be meant."""
        return self._remarks

    @cached_property
    def phase_at(self) -> dict[KeyPath, Phase]:
        """The phases by their paths; without any, the one that `optimizer` and `learning_rate`
        describe, at the path ()."""
        if self.phases != "none":
            return {("phases", index): phase for index, phase in enumerate(self.phases)}
        assert self.optimizer != "none" and self.learning_rate != "none"  # see `messages.checks`
        return {(): Phase(optimizer=self.optimizer, learning_rate=self.learning_rate)}

    def locate(self, path: KeyPath) -> str:
        """Where the value at `path`, such as ("layers", 3), was given: FILE:LINE:COL, or --set."""
        place = self._marks.value(path)
        return dotted(path) if place is None else str(place)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Config) and self.model_dump() == other.model_dump()
