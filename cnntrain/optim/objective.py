"""The risk of one batch as a function of w: what an optimizer may ask about.

It counts what it is asked, because that is what methods are compared by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnntrain.nn.engines.updates import all_finite
from cnntrain.nn.execution.context import StepKey
from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.network import Network
from cnntrain.nn.reductions import norm
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array


class NotFiniteError(ArithmeticError):
    """The loss or its gradient is not finite; the message says which."""


@dataclass(frozen=True)
class EvalCounts:
    """What was asked for: the number of samples whose gradient, whose loss alone, and whose product
    with the Gauss-Newton matrix was computed."""

    gradients: int = 0
    losses: int = 0
    products: int = 0

    def __add__(self, other: EvalCounts) -> EvalCounts:
        return EvalCounts(
            self.gradients + other.gradients,
            self.losses + other.losses,
            self.products + other.products,
        )


class Objective:
    """L_T(w) over the samples of one batch (equation 1).

    rng_key           of random choices, the same for every question
    buffers           as in `Network`, for frozen layers
    clip              the largest norm of a gradient
    counts            of all questions so far
    gradient_norm     of the first gradient, before it is clipped; measured if `norms`, and where
                      there is a `clip`; None where there is no gradient
    layer_norms       likewise, by the number of the layer; measured if `by_layer`
    statistics        of the batch, as the first pass of all has found them
    """

    def __init__(
        self,
        network: Network,
        samples: Samples,
        rng_key: StepKey,
        norms: bool = False,
        buffers: Array | None = None,
        clip: float = math.inf,
        by_layer: bool = False,
    ) -> None:
        self.network, self.samples, self.rng_key = network, samples, rng_key
        self.norms, self.clip, self.by_layer = norms or clip < math.inf, clip, by_layer
        self.buffers = buffers
        self.statistics: Array | None = None
        self.counts = EvalCounts()
        self.gradient_norm: float | None = None
        self.layer_norms: dict[int, float] | None = None

    @property
    def weights(self) -> Sequence[slice]:
        """The parts of w that weight decay acts on."""
        return self.network.layout.decayed_parts

    @property
    def rate_factors(self) -> Sequence[tuple[slice, float]]:
        """The parts of w that move at another rate than the rest, and how many times its rate."""
        return self.network.layout.rate_factors

    def gradient(self, w: Array) -> tuple[BatchTotals, Array]:
        """Totals over the batch, and the gradient of its risk, a new vector; where it is longer
        than `clip`, it is shortened: g <- g min(1, clip / ||g||) (Pascanu, Mikolov and Bengio,
        ICML 2013, algorithm 1).

        Raises NotFiniteError.
        """
        self.counts += EvalCounts(gradients=len(self.samples))
        total, gradient, statistics = self.network.totals_and_gradient(
            w, self.samples, self.rng_key, self.buffers
        )
        self._keep(statistics)
        if not math.isfinite(total.loss):
            raise NotFiniteError("loss")
        if not all_finite(gradient):
            raise NotFiniteError("gradient")
        if self.by_layer and self.layer_norms is None:
            self.layer_norms = self.network.parameters.norms(gradient)
        if self.norms and self.gradient_norm is None:
            self.gradient_norm = norm(gradient)
            if self.gradient_norm > self.clip:
                gradient *= self.clip / self.gradient_norm
        return total, gradient

    def totals(self, w: Array) -> BatchTotals:
        """Totals over the batch, without the gradient.  Raises NotFiniteError."""
        self.counts += EvalCounts(losses=len(self.samples))
        total, statistics = self.network.training_totals(
            w, self.samples, self.rng_key, self.buffers
        )
        self._keep(statistics)
        if not math.isfinite(total.loss):
            raise NotFiniteError("loss")
        return total

    def risk(self, w: Array) -> float:
        """The risk alone, infinite where it is not a number."""
        try:
            return self.totals(w).risk
        except NotFiniteError:
            return math.inf

    def curvature(self, w: Array, v: Array) -> Array:
        """G v, a new vector, G being the Gauss-Newton matrix of the risk at `w` (see
        `Network.gauss_newton`).  Raises NotFiniteError."""
        self.counts += EvalCounts(products=len(self.samples))
        product = self.network.gauss_newton(w, self.samples, self.rng_key, v, self.buffers)
        if not np.isfinite(product).all():
            raise NotFiniteError("curvature")
        return product

    def _keep(self, statistics: Array) -> None:
        if self.statistics is None:
            self.statistics = statistics
