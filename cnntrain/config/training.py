"""How long training goes on, what is kept of it, and how it is computed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cnntrain.settings import Section
from cnntrain.settings.types import AnInteger, Auto, Count, NotNegative, Number, OrNone


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
