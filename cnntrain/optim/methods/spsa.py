"""Simultaneous perturbation stochastic approximation (Spall, IEEE Transactions on Automatic
Control 37, 1992): one of the "methods that make no use of gradient information" (Section 4)."""

from __future__ import annotations

import dataclasses

import numpy as np

from cnntrain import randomness
from cnntrain.nn.network import Draw
from cnntrain.nn.sums import Sums
from cnntrain.optim.methods.optimizer import Array, Optimizer, State
from cnntrain.optim.objective import Objective


class SPSA(Optimizer):
    """w <- w - alpha (L(w + c s) - L(w - c s)) / 2c  s, with a random sign s_i for each entry.

    perturbation   c > 0

    s is a function of the draw (seed, epoch, step) of the objective.

    The mean of the step over all signs is that of gradient descent, but for terms in c^2; its
    variance grows with the number of parameters, so that alpha must be small.  Spall lets alpha
    and c fall: the learning-rate schedule `inverse` with power 0.602 is his for alpha, c is fixed.
    A step takes two losses.  Their mean stands in the sums for the loss at w, and the errors are
    those at w + c s.
    """

    def __init__(self, perturbation: float) -> None:
        self.perturbation = perturbation

    def start(self, w: Array) -> State:
        return {}

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> Sums:
        signs = random_signs(w, objective.draw)
        moved = self.perturbation * signs
        above, below = objective.sums(w + moved), objective.sums(w - moved)
        slope = (above.risk - below.risk) / (2 * self.perturbation)
        w -= rate * slope * signs
        return dataclasses.replace(above, loss=(above.loss + below.loss) / 2)


def random_signs(w: Array, draw: Draw) -> Array:
    """+1 or -1 for each entry of `w`, of its dtype: a function of `draw`."""
    bits = randomness.words(w.size, "spsa", *draw) >> np.uint64(63)
    return 2 * bits.astype(w.dtype) - 1
