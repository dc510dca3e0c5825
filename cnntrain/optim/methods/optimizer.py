"""Optimizers: rules that move one flat vector w, given the risk of a batch.

Its settings are fixed; what it remembers from step to step is a dictionary of arrays, kept by
the caller and stored in the checkpoint as it is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

from cnntrain.nn.losses import BatchTotals
from cnntrain.optim.objective import Objective
from cnntrain.settings import Described, setting
from cnntrain.settings.types import NotNegative

Array = NDArray[Any]
State = dict[str, Array]


class Optimizer(Described):
    """One way to choose the step w_t - w_{t-1}.

    needs_jvp   whether it asks for Gauss-Newton products, and so for layers with a `jvp`
    """

    needs_jvp: ClassVar[bool] = False

    @abstractmethod
    def start(self, w: Array) -> State:
        """The memory before the first step."""

    @abstractmethod
    def step(self, w: Array, objective: Objective, rate: float, state: State) -> BatchTotals:
        """Move `w` in place by one step of learning rate `rate`; the totals over the batch at the
        `w` it started from.  Raises NotFiniteError, with `w` as it was."""


class GradientMethod(Optimizer):
    """An optimizer that asks for one gradient a step."""

    shared = ("weight_decay",)

    weight_decay: NotNegative = setting(
        "L2 penalty: this number times a weight is added to its gradient; not for biases.",
        0.0,
        also="decay l2 wd",
    )

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> BatchTotals:
        total, gradient = objective.gradient(w)
        others = [(w[part], w[part].copy(), factor) for part, factor in objective.rate_factors]
        self.decay(w, gradient, rate, objective.weights)
        self.move(w, gradient, rate, state)
        for part, before, factor in others:  # w <- w_old + factor (w_new - w_old)
            part -= before
            part *= factor
            part += before
        return total

    def decay(self, w: Array, gradient: Array, rate: float, weights: Sequence[slice]) -> None:
        """g <- g + lambda w: the derivative of lambda/2 ||w||^2, added to the gradient.

        weights   the parts of w that are weights, not biases: the others do not decay
        """
        if self.weight_decay:
            for part in weights:
                gradient[part] += self.weight_decay * w[part]

    @abstractmethod
    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        """Move `w` in place, given the gradient there, which may be overwritten."""
