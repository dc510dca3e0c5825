"""How long training goes on, what is kept of it, and how it is computed."""

from __future__ import annotations

from typing import Annotated, Literal

from cnntrain.settings import Section, setting
from cnntrain.settings.types import AnInteger, Auto, Count, NotNegative, Number, OrNone


class EarlyStopping(Section):
    """Stop when the validation part has not got better for a while."""

    monitor: Literal["validation_error", "validation_loss"] = setting(
        "What must fall: the share of wrong answers, or the loss.", "validation_error"
    )
    patience: Count = setting("Epochs in a row without improvement after which training stops.", 5)
    min_delta: NotNegative = setting(
        "Smallest fall that counts, in the unit of what is monitored.", 0.0
    )


class Convergence(Section):
    """Stop when steps make little progress, whatever the validation part says.
    Give one bound or both; an epoch counts if it stays below one of them.
    """

    step_norm: Number = setting("Bound for the length of the epoch's last step in w.", "none")
    loss_decrease: Number = setting(
        "Bound for the change of the training loss in an epoch.", "none"
    )
    patience: Count = setting("Epochs in a row that must stay below.", 3)


class Checkpoint(Section):
    """Which checkpoints are written besides that of each epoch, and which stay."""

    every_steps: OrNone[Annotated[Count, AnInteger]] = setting(
        "Write one every so many steps, too; the newest stays.", "none"
    )
    keep: Count = setting("Number of most recent epoch checkpoints kept beside the best.", 3)


class Compute(Section):
    """How the computation is done. workers changes no result, chunk and conv the last bits."""

    dtype: Literal["float32", "float64"] = setting("Type of the numbers.", "float32")
    workers: Auto = setting(
        "Threads; auto: one a usable core.", "auto", also="njobs numworkers threads"
    )
    chunk: Auto = setting(
        "Samples that go through the network together; auto: by the batch size and the layers.",
        "auto",
    )
    conv: Literal["auto", "im2col", "winograd"] = setting(
        "How convolutions are computed, which changes their last bits; auto: by the layer. "
        "winograd is for kernels of 3 x 3 at stride 1, others take im2col.",
        "auto",
    )
