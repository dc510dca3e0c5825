"""Simultaneous perturbation stochastic approximation (Spall, IEEE Transactions on Automatic
Control 37, 1992): one of the "methods that make no use of gradient information" (Section 4)."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from cnntrain import randomness
from cnntrain.nn.execution.context import StepKey
from cnntrain.nn.losses import BatchTotals
from cnntrain.optim.methods.optimizer import Array, Optimizer, State
from cnntrain.optim.objective import Objective
from cnntrain.settings import setting
from cnntrain.settings.types import Positive


class SPSA(Optimizer):
    """Random directions and two losses a step, no gradient (Spall 1992).

    w <- w - alpha (L(w + c s) - L(w - c s)) / 2c  s, with a random sign s_i for each entry, a
    function of the objective's key (seed, epoch, step).

    The mean of the step over all signs is that of gradient descent, but for terms in c^2; its
    variance grows with the number of parameters, so that alpha must be small.  Spall lets alpha
    and c fall: the learning-rate schedule `inverse` with power 0.602 is his for alpha, c is fixed.
    A step takes two losses.  Their mean stands in the sums for the loss at w, and the errors are
    those at w + c s.
    """

    type: Literal["spsa"] = "spsa"
    perturbation: Positive = setting(
        "c: for the two losses each entry of w moves by +c or -c.", 0.01
    )

    def start(self, w: Array) -> State:
        return {}

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> BatchTotals:
        signs = random_signs(w, objective.rng_key)
        moved = self.perturbation * signs
        above, below = objective.totals(w + moved), objective.totals(w - moved)
        slope = (above.risk - below.risk) / (2 * self.perturbation)
        w -= rate * slope * signs
        return dataclasses.replace(above, loss=(above.loss + below.loss) / 2)


def random_signs(w: Array, rng_key: StepKey) -> Array:
    """+1 or -1 for each entry of `w`, of its dtype: a function of `rng_key`."""
    bits = randomness.words(w.size, "spsa", *rng_key) >> np.uint64(63)
    return 2 * bits.astype(w.dtype) - 1
