"""How long training goes on, in which phases, what is kept of it, and how it is computed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cnntrain.config.base import (
    AMapping,
    AnInteger,
    Auto,
    AWord,
    Count,
    NotNegative,
    Number,
    OrNone,
    Section,
    from_list,
    tagged,
)
from cnntrain.config.optimizers import SGD, AnyOptimizer
from cnntrain.config.rates import LearningRate, Plateau


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


class Convergence(Section):
    """Stop when steps make little progress, whatever the validation part says.

    Give one bound or both; an epoch counts if it stays below one of them.
    """

    step_norm: Number = Field(
        default="none", description="Bound for the length of the epoch's last step in w."
    )
    loss_decrease: Number = Field(
        default="none", description="Bound for the change of the training loss in an epoch."
    )
    patience: Count = Field(default=3, description="Epochs in a row that must stay below.")


class UntilEpochs(Section):
    """End the phase after a number of epochs."""

    epochs: Count = Field(description="Epochs that the phase lasts.")


Until = Annotated[
    Annotated[Literal["end", "plateau"], AWord] | Annotated[UntilEpochs, AMapping], tagged()
]


class Phase(Section):
    """One stretch of training. The weights are carried over to the next one, the optimizer's
    memory is not; t of the learning rate, and the counters of plateau and stopping, start anew.

    In a phase without a number of epochs polynomial, cosine and one_cycle take the epochs that are
    left when those of the phases before it are done; one that saturation ends counts for none.
    """

    optimizer: AnyOptimizer = Field(
        default=SGD(type="sgd"), description="How a gradient becomes a step."
    )
    learning_rate: LearningRate = Field(description="Step size in this phase.")
    until: Until = Field(
        default="end",
        description="When the next phase begins, and training ends where there is none: after a "
        "number of epochs, or when progress saturates by the measure of on_plateau. Only the last "
        "phase may last to the end.",
    )

    @property
    def epochs(self) -> int | None:
        """Epochs that the phase lasts; None where no number is given."""
        return None if isinstance(self.until, str) else self.until.epochs

    @property
    def saturation(self) -> Plateau | None:
        """What measures saturation: on_plateau, or its defaults where that ends the phase."""
        if self.learning_rate.on_plateau != "none":
            return self.learning_rate.on_plateau
        return Plateau() if self.until == "plateau" else None


Phases = Annotated[tuple[Phase, ...], Field(min_length=1), from_list]


class Checkpoint(Section):
    """Which checkpoints are written besides that of each epoch, and which stay."""

    every_steps: OrNone[Annotated[Count, AnInteger]] = Field(
        default="none", description="Write one every so many steps, too; the newest stays."
    )
    keep: Count = Field(
        default=3, description="Number of most recent epoch checkpoints kept beside the best."
    )


class Compute(Section):
    """How the computation is done. workers changes no result, chunk and conv the last bits."""

    dtype: Literal["float32", "float64"] = Field(
        default="float32", description="Type of the numbers."
    )
    workers: Auto = Field(default="auto", description="Threads; auto: one a usable core.")
    chunk: Auto = Field(
        default="auto",
        description="Samples that go through the network together; auto: by the batch size and "
        "the layers.",
    )
    conv: Literal["auto", "im2col", "winograd"] = Field(
        default="auto",
        description="How convolutions are computed, which changes their last bits; auto: by the "
        "layer. winograd is for kernels of 3 x 3 at stride 1, others take im2col.",
    )
