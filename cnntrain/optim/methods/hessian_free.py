"""Hessian-free optimization (Martens, Deep learning via Hessian-free optimization, ICML 2010; the
note's reference [5] applies it to recurrent networks)."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.reductions import inner
from cnntrain.nn.sums import Sums
from cnntrain.optim.methods.conjugate_gradients import conjugate_gradients
from cnntrain.optim.methods.optimizer import Array, Optimizer, State
from cnntrain.optim.objective import Objective


class HessianFree(Optimizer):
    """Solve (G + lambda I) d = -g by conjugate gradients;   w <- w + alpha d if L does not rise.

    G is the Gauss-Newton matrix, of which only products with vectors are computed (Schraudolph
    2002); conjugate gradients start from the last solution.  lambda follows the reduction ratio

        rho = (L(w + alpha d) - L(w)) / (alpha g^T d + alpha^2 d^T G d / 2)

    by the rule of Levenberg and Marquardt: lambda <- 3/2 lambda if rho < 1/4 or w stays,
    lambda <- 2/3 lambda if rho > 3/4.

    damping      lambda at the start, > 0
    iterations   of conjugate gradients in a step at most, 1 or more; each costs about two gradients
    tolerance    progress per iteration, relative to all of it, below which they end; 0 or more

    The learning rate alpha scales the step; 1 is the full one.
    """

    def __init__(self, damping: float, iterations: int, tolerance: float) -> None:
        self.damping, self.iterations, self.tolerance = damping, iterations, tolerance

    def start(self, w: Array) -> State:
        return {"direction": np.zeros_like(w), "damping": np.array([self.damping])}

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> Sums:
        total, gradient = objective.gradient(w)
        damping, g = float(state["damping"][0]), gradient.astype(np.float64)

        def product(v: Array) -> Array:
            curved = objective.curvature(w, v.astype(w.dtype))
            return np.asarray(curved + damping * v, dtype=np.float64)

        last = state["direction"].astype(np.float64)
        d, residual = conjugate_gradients(product, -g, last, self.iterations, self.tolerance)
        state["direction"][...] = d
        curvature = -inner(d, g + residual) - damping * inner(d, d)  # d^T G d
        trial = w + rate * state["direction"]
        change = objective.risk(trial) - total.risk
        state["damping"] *= damping_factor(change, rate * inner(g, d) + rate**2 * curvature / 2)
        if change <= 0:
            w[...] = trial
        return total


def damping_factor(change: float, predicted: float) -> float:
    """What lambda is multiplied by after a `change` of the risk where the model had predicted
    `predicted`, 0 or below."""
    if change > predicted / 4:
        return 3 / 2
    return 2 / 3 if change < 3 / 4 * predicted else 1.0
