"""What an optimizer is: a rule that moves one flat vector w, given the risk of a batch.

Its settings are fixed; what it remembers from step to step is a dictionary of arrays, kept by
the caller and stored in the checkpoint as it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from numpy.typing import NDArray

from cnntrain.nn.sums import Sums
from cnntrain.optim.objective import Objective

Array = NDArray[Any]
State = dict[str, Array]


class Optimizer(ABC):
    """One way to choose the step w_t - w_{t-1}."""

    @abstractmethod
    def start(self, w: Array) -> State:
        """The memory before the first step."""

    @abstractmethod
    def step(self, w: Array, objective: Objective, rate: float, state: State) -> Sums:
        """Move `w` in place by one step of learning rate `rate`; the sums over the batch at the
        `w` it started from.  Raises NotFiniteError, with `w` as it was."""


class GradientMethod(Optimizer):
    """An optimizer that asks for one gradient a step.

    decay   lambda >= 0 for each entry of w, of its dtype; None: 0 for all
    """

    def __init__(self, decay: Array | None) -> None:
        self.decay = decay

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> Sums:
        total, gradient = objective.gradient(w)
        self.move(w, gradient, rate, state)
        return total

    @abstractmethod
    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        """Move `w` in place, given the gradient there, which may be overwritten."""

    def add_decay(self, w: Array, gradient: Array) -> None:
        """g <- g + lambda w: the derivative of lambda/2 ||w||^2, added to the gradient."""
        if self.decay is not None:
            gradient += self.decay * w
