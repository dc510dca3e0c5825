"""The risk of one batch as a function of w: what an optimizer may ask about.

It counts what it is asked, because that is what methods are compared by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.network import Draw, Network
from cnntrain.nn.reductions import norm
from cnntrain.nn.samples import Samples
from cnntrain.nn.sums import Sums

Array = NDArray[Any]


class NotFiniteError(ArithmeticError):
    """The loss or its gradient is not finite; the message says which."""


@dataclass(frozen=True)
class Cost:
    """What was asked for: the number of samples whose gradient, whose loss alone, and whose product
    with the Gauss-Newton matrix was computed."""

    gradients: int = 0
    losses: int = 0
    products: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.gradients + other.gradients,
            self.losses + other.losses,
            self.products + other.products,
        )


class Objective:
    """L_T(w) over the samples of one batch (equation 1).

    draw              the key of random choices, the same for every question
    cost              of all questions so far
    gradient_norm     of the first gradient, measured if `norms`; None where there is none
    """

    def __init__(self, network: Network, samples: Samples, draw: Draw, norms: bool = False) -> None:
        self.network, self.samples, self.draw, self.norms = network, samples, draw, norms
        self.cost = Cost()
        self.gradient_norm: float | None = None

    def gradient(self, w: Array) -> tuple[Sums, Array]:
        """Sums over the batch, and the gradient of its risk, a new vector.

        Raises NotFiniteError: a sum is finite only if all its terms are.
        """
        self.cost += Cost(gradients=len(self.samples))
        total, gradient = self.network.sums_and_gradient(w, self.samples, self.draw)
        if not math.isfinite(total.loss):
            raise NotFiniteError("loss")
        if not np.isfinite(gradient.sum()):
            raise NotFiniteError("gradient")
        if self.norms and self.gradient_norm is None:
            self.gradient_norm = norm(gradient)
        return total, gradient

    def sums(self, w: Array) -> Sums:
        """Sums over the batch, without the gradient.  Raises NotFiniteError."""
        self.cost += Cost(losses=len(self.samples))
        total, _ = self.network.measure(w, self.samples)
        if not math.isfinite(total.loss):
            raise NotFiniteError("loss")
        return total

    def risk(self, w: Array) -> float:
        """The risk alone, infinite where it is not a number."""
        try:
            return self.sums(w).risk
        except NotFiniteError:
            return math.inf

    def curvature(self, w: Array, v: Array) -> Array:
        """G v, a new vector, G being the Gauss-Newton matrix of the risk at `w` (see
        `Network.gauss_newton`).  Raises NotFiniteError."""
        self.cost += Cost(products=len(self.samples))
        product = self.network.gauss_newton(w, self.samples, self.draw, v)
        if not np.isfinite(product.sum()):
            raise NotFiniteError("curvature")
        return product
