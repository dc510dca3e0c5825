"""Hessian-free optimization (Martens, Deep learning via Hessian-free optimization, ICML 2010; the
note's reference [5] applies it to recurrent networks)."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.reductions import inner
from cnntrain.optim.methods.conjugate_gradients import conjugate_gradients
from cnntrain.optim.methods.optimizer import Array, Optimizer, State
from cnntrain.optim.objective import Objective
from cnntrain.settings import setting
from cnntrain.settings.types import Count, NotNegative, Positive


class HessianFree(Optimizer):
    """Gauss-Newton steps by conjugate gradients, for full or large batches (Martens 2010).

    learning_rate: 1 takes full steps.

    Solve (G + lambda I) d = -g by conjugate gradients;   w <- w + alpha d if L does not rise.
    G is the Gauss-Newton matrix, of which only products with vectors are computed (Schraudolph
    2002); conjugate gradients start from the last solution, and each iteration costs about two
    gradients.  lambda follows the reduction ratio

        rho = (L(w + alpha d) - L(w)) / (alpha g^T d + alpha^2 d^T G d / 2)

    by the rule of Levenberg and Marquardt: lambda <- 3/2 lambda if rho < 1/4 or w stays,
    lambda <- 2/3 lambda if rho > 3/4.
    """

    needs_jvp: ClassVar[bool] = True

    type: Literal["hessian_free"] = "hessian_free"
    damping: Positive = setting("lambda of G + lambda I at the start.", 1.0)
    iterations: Count = setting("Of conjugate gradients in a step, at most.", 50)
    tolerance: NotNegative = setting("Relative progress per iteration below which they end.", 5e-4)

    def start(self, w: Array) -> State:
        return {"direction": np.zeros_like(w), "damping": np.array([self.damping])}

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> BatchTotals:
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
        state["damping"] *= damping_factor(change, rate * (inner(g, d) + rate * curvature / 2))
        if change <= 0:
            w[...] = trial
        return total


def damping_factor(change: float, predicted: float) -> float:
    """What lambda is multiplied by after a `change` of the risk where the model had predicted
    `predicted`, 0 or below."""
    if change > predicted / 4:
        return 3 / 2
    return 2 / 3 if change < 3 / 4 * predicted else 1.0
