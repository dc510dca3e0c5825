"""Gradient descent with line search (Nocedal and Wright, Numerical Optimization, chapter 3: the
note's reference [6])."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from cnntrain.nn.reductions import inner
from cnntrain.nn.sums import Sums
from cnntrain.optim.methods.optimizer import Array, Optimizer, State
from cnntrain.optim.objective import Objective


class GradientDescent(Optimizer):
    """w <- w - a g.

    line_search   none: a is the learning rate alpha, which is equation 6.  armijo: a is the first
                  of a_0, a_0 beta, a_0 beta^2, ... with sufficient decrease,
                  L(w - a g) <= L(w) - c a ||g||^2
    contraction   beta in (0, 1)
    sufficient    c in (0, 1)
    longest       contractions, 1 or more, after which the search gives up and w stays

    The search starts from a_0 = min(alpha, a' / beta), a' being the last step accepted: one
    contraction can be taken back at each step, as far as the learning rate.  It costs one forward
    pass a trial, which is why the note holds it for "too expensive".
    """

    def __init__(
        self,
        line_search: Literal["none", "armijo"],
        contraction: float,
        sufficient: float,
        longest: int,
    ) -> None:
        self.line_search, self.longest = line_search, longest
        self.contraction, self.sufficient = contraction, sufficient

    def start(self, w: Array) -> State:
        return {"accepted": np.array([math.inf])} if self.line_search == "armijo" else {}

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> Sums:
        total, gradient = objective.gradient(w)
        if self.line_search == "none":
            w -= rate * gradient
        else:
            self._search(w, objective, total.risk, gradient, rate, state["accepted"])
        return total

    def _search(
        self,
        w: Array,
        objective: Objective,
        risk: float,
        gradient: Array,
        rate: float,
        accepted: Array,
    ) -> None:
        step = min(rate, float(accepted[0]) / self.contraction)
        slope = inner(gradient, gradient)
        for _ in range(self.longest + 1):
            trial = w - step * gradient
            if objective.risk(trial) <= risk - self.sufficient * step * slope:
                w[...], accepted[0] = trial, step
                return
            step *= self.contraction
