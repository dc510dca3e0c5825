"""A step of training, as those who look on are told of it."""

from __future__ import annotations

from dataclasses import dataclass

from cnntrain.nn.losses import BatchTotals
from cnntrain.optim.objective import EvalCounts
from cnntrain.training.layer_norms import LayerNorms


@dataclass(frozen=True)
class TrainingStep:
    """A step that has been taken.

    epoch, batch    number of the epoch, and of the step within it; both from 1
    step, samples   steps taken, and samples whose gradient was computed, since w_0
    rate            alpha_t
    loss            risk of the batch at w_(t-1)
    gradient_norm   norm of its gradient there, before it was clipped; None where it was neither
                    clipped nor asked for
    step_norm       ||w_t - w_(t-1)||, NaN where neither it was asked for nor the epoch ends
    running         sums over the batches of the epoch so far, each at its own w
    cost            what the optimizer asked for
    layers          the same by layer, at the end of an epoch if the trainer is asked for it
    """

    epoch: int
    batch: int
    step: int
    samples: int
    rate: float
    loss: float
    gradient_norm: float | None
    step_norm: float
    running: BatchTotals
    cost: EvalCounts
    layers: LayerNorms | None = None
