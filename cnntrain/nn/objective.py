"""The risk of one batch as a function of w: what an optimizer may ask about.

It counts what it is asked, because that is what methods are compared by.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.losses import Sums
from cnntrain.nn.network import Draw, Network
from cnntrain.nn.samples import Samples

Array = NDArray[Any]


class NotFiniteError(ArithmeticError):
    """The loss or its gradient is not finite; the message says which."""


class Objective:
    """L_T(w) over the samples of one batch (equation 1).

    draw              the key of random choices, the same for every question
    gradients, values number of samples whose gradient, or whose loss alone, was computed
    """

    def __init__(self, network: Network, samples: Samples, draw: Draw) -> None:
        self.network, self.samples, self.draw = network, samples, draw
        self.gradients = self.values = 0

    def gradient(self, w: Array) -> tuple[Sums, Array]:
        """Sums over the batch, and the gradient of its risk, a new vector.

        Raises NotFiniteError: a sum is finite only if all its terms are.
        """
        self.gradients += len(self.samples)
        total, gradient = self.network.sums_and_gradient(w, self.samples, self.draw)
        if not math.isfinite(total.loss):
            raise NotFiniteError("loss")
        if not np.isfinite(gradient.sum()):
            raise NotFiniteError("gradient")
        return total, gradient

    def risk(self, w: Array) -> float:
        """The risk alone, infinite where it is not a number."""
        self.values += len(self.samples)
        risk = self.network.measure(w, self.samples)[0].risk
        return risk if math.isfinite(risk) else math.inf
