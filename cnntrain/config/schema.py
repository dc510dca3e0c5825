"""The whole config, made by `load_config`, which checks what types cannot say, too."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from cnntrain.config.sections import Checkpoint, Compute, Evaluate, NoneOrPath, StartFrom
from cnntrain.config.source.positions import KeyPath, Positions, dotted
from cnntrain.data.augment import AUGMENTATIONS, RandomChange
from cnntrain.data.sources import SOURCES, Source
from cnntrain.metrics import MEASURES, METRICS, Metric
from cnntrain.nn.layers.entry import Layers
from cnntrain.nn.losses import LOSSES, Loss
from cnntrain.optim.average import Average
from cnntrain.optim.methods import OPTIMIZERS, SGD, Optimizer
from cnntrain.optim.phases import Phase
from cnntrain.optim.schedules import SCHEDULES, Schedule
from cnntrain.optim.stopping import Convergence, EarlyStopping
from cnntrain.settings import Section, setting
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
from cnntrain.text import all_of

AnyAugmentation = Annotated[RandomChange, AUGMENTATIONS]
Error = Annotated[float, Field(ge=0, lt=1)]


class Config(Section):
    """Everything that a run depends on.

    >>> config = cnntrain.load_config("digits.yaml")
    >>> config.batch_size, config.loss.word(), config.learning_rate.rate(t=0.0, epochs=2)
    (64, 'cross_entropy', 0.05)
    """

    name: str = setting(
        "Name of the run, which goes to runs/NAME; {KEY} stands for a value of the config, such as "
        "{seed}. Default: the file's name without its ending.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        title="a name of letters, digits, . _ and -, a letter or digit first, at most 100 in all",
        json_schema_extra={"pattern": r"^[A-Za-z0-9{][A-Za-z0-9._{}-]*$"},
    )
    seed: Seed = setting(
        "What all random numbers depend on, those of splits excepted.",
        0,
        also="randomseed randomstate rngseed",
    )
    data: Annotated[Source, SOURCES] = setting("The data.", also="dataset")
    augment: OrNone[
        Annotated[tuple[AnyAugmentation, ...], Field(min_length=1), from_list, AList]
    ] = setting(
        "Changes of the training samples at random, anew in each epoch, one after the other. Other "
        "parts stay as they are.",
        "none",
        also="augmentation augmentations dataaugmentation transform transforms",
    )
    layers: Layers = setting(
        "The network: its layers, first to last.", also="architecture model net network"
    )
    loss: Annotated[Loss, LOSSES] = setting(
        "cross_entropy for classes, after softmax; quadratic, the sum of squared differences, for "
        "real numbers or classes.",
        also="criterion lossfunction objective",
    )
    start_from: Annotated[
        Annotated[NoneOrPath, AWord] | Annotated[StartFrom, AMapping], tagged()
    ] = setting(
        "A checkpoint, a run with one, or weights that PyTorch trained: the parameters that "
        "training begins with.",
        "none",
        also="finetune finetunefrom initfrom pretrained pretrainedweights warmstart",
    )
    batch_size: Annotated[
        Annotated[Count, AnInteger] | Annotated[Literal["full"], AWord], tagged()
    ] = setting(
        "Samples in a step: 1 for online learning, full for the whole training part.",
        also="batch bs minibatch minibatchsize",
    )
    drop_last: bool = setting(
        "Whether an epoch leaves out its last batch if that is smaller.", False
    )
    epochs: Count = setting(
        "Passes over the training part, at most.",
        also="iterations maxepoch maxepochs maxiter nepochs niter numepochs",
    )
    optimizer: OrNone[Annotated[Optimizer, OPTIMIZERS, AMapping]] = setting(
        "How a gradient becomes a step; none where there are phases.", SGD(), also="optim solver"
    )
    learning_rate: OrNone[Annotated[Schedule, SCHEDULES, AMapping]] = setting(
        "Step size, a function of the epochs done; a plain number stays constant. Required, unless "
        "there are phases.",
        also="alpha eta lr rate stepsize",
    )
    phases: OrNone[Annotated[tuple[Phase, ...], Field(min_length=1), from_list, AList]] = setting(
        "Stretches of training, each with an optimizer and a learning rate, which win over those "
        "above.",
        "none",
    )
    gradient_clip: Number = setting(
        "Largest norm of the whole gradient; a longer one is shortened to it before the optimizer "
        "and its weight decay (Pascanu, Mikolov and Bengio 2013).",
        "none",
        also="clip clipgradnorm clipnorm gradclip gradientclipping gradientclipval maxgradnorm",
    )
    average: OrNone[Annotated[Average, AMapping]] = setting(
        "A moving average of w, which is kept beside w, and measured: it adds the columns "
        "average_validation_loss and average_validation_error.",
        "none",
        also="averaging ema modelema swa weightaveraging",
    )
    early_stopping: OrNone[Annotated[EarlyStopping, AMapping]] = setting(
        "When to stop before the last epoch.", "none", also="earlystop stopping"
    )
    convergence: OrNone[Annotated[Convergence, AMapping]] = setting(
        "When steps make too little progress to go on.", "none"
    )
    target_error: Annotated[OrNone[Annotated[Error, AReal]], from_integer] = setting(
        "Stop when the error comes down to this: on the validation part, or on the training part "
        "where there is none.",
        "none",
    )
    max_minutes: Number = setting("Stop after the epoch in which this time is over.", "none")
    evaluate_train: Literal["running", "full"] = setting(
        "full adds the columns train_risk and train_zero_one, measured on the whole training part "
        "at the end of each epoch.",
        "running",
    )
    evaluate: Evaluate = setting("How the network is measured.", Evaluate())
    metrics: OrNone[
        Annotated[
            tuple[Metric, ...],
            Field(min_length=1, title=f"a list with any of {all_of(METRICS)}"),
            from_list,
            AList,
        ]
    ] = setting(
        "Further columns of metrics.csv, measured on the validation part: "
        f"{'; '.join(f'{name}, {MEASURES[name].meaning}' for name in METRICS)}. One that is "
        "monitored is there in any case.",
        "none",
    )
    record_steps: OrNone[Annotated[Count, AnInteger]] = setting(
        "Write every so many steps to steps.csv.", "none"
    )
    record_layers: bool = setting(
        "Write the norms of gradient and weights, the relative size of the last step and the share "
        "of dead ReLUs of each layer to layers.csv, every epoch. It takes as long as training on "
        "some 400 more samples.",
        False,
    )
    log: Literal["none", "tensorboard"] = setting(
        "tensorboard writes the columns of metrics.csv for TensorBoard, too, to the folder "
        "tensorboard of the run. Needs tensorboardX: pip install 'cnntrain[tensorboard]'.",
        "none",
        also="logger logging",
    )
    checkpoint: Checkpoint = setting("Which checkpoints stay.", Checkpoint())
    compute: Compute = setting("How the computation is done.", Compute())

    _positions: Positions = PrivateAttr(default_factory=Positions)
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is legal but probably not meant."""
        return self._warnings

    @property
    def given(self) -> Collection[KeyPath]:
        """The paths of all that somebody wrote, in a file or as an override; the rest is defaults.
        Empty for a config made of a mapping, which is not told from its defaults."""
        return self._positions.values.keys()

    @cached_property
    def phase_at(self) -> dict[KeyPath, Phase]:
        """The phases by their paths; without any, the one that `optimizer` and `learning_rate`
        describe, at the path ()."""
        if self.phases != "none":
            return {("phases", index): phase for index, phase in enumerate(self.phases)}
        assert self.optimizer != "none" and self.learning_rate != "none"  # see `messages.checks`
        return {(): Phase(optimizer=self.optimizer, learning_rate=self.learning_rate)}

    @property
    def origin(self) -> StartFrom | None:
        """What w_0 comes from, None for random numbers."""
        return self.start_from if isinstance(self.start_from, StartFrom) else None

    @property
    def largest_gradient(self) -> float:
        """The norm of the longest gradient that is not clipped."""
        return math.inf if self.gradient_clip == "none" else self.gradient_clip

    def place(self, path: KeyPath) -> str | None:
        """Where the value at `path`, such as ("layers", 3), or one around it was given:
        FILE:LINE:COL or --set; None for a default."""
        place = self._positions.value(path)
        return None if place in (None, self._positions.value(())) else str(place)

    def locate(self, path: KeyPath) -> str:
        """Likewise, or else the place of the whole config or the dotted key."""
        return str(self._positions.value(path) or dotted(path))

    def problem(self, path: KeyPath, message: str) -> str:
        """The line of a ConfigError that says what is wrong with the value at `path`."""
        return f"{self.locate(path)}: error: {message}"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Config) and self.model_dump() == other.model_dump()
