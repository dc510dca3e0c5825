"""Gradient descent with line search (Nocedal and Wright, Numerical Optimization, chapter 3: the
note's reference [6])."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from cnntrain.nn.losses import BatchTotals
from cnntrain.nn.reductions import inner
from cnntrain.optim.methods.optimizer import Array, Optimizer, State
from cnntrain.optim.objective import Objective
from cnntrain.settings import setting
from cnntrain.settings.types import Count


class GradientDescent(Optimizer):
    """w <- w - a g with a line search for a, meant for batch_size: full (Nocedal and Wright).

    Files and progress show the learning rate, the longest step that is tried, and not a.

    Armijo's rule takes as a the first of a_0, a_0 beta, a_0 beta^2, ... with sufficient decrease,

        L(w - a g) <= L(w) - c a ||g||^2

    beta being `contraction`, c `sufficient`.  The search starts from a_0 = min(alpha, a' / beta),
    a' being the last step accepted: one contraction can be taken back at each step, as far as the
    learning rate alpha.  Each trial costs a forward pass, which is why the note calls the search
    "too expensive".
    """

    type: Literal["gradient_descent"] = "gradient_descent"
    line_search: Literal["none", "armijo"] = setting(
        "armijo: shorten the step from the learning rate on until the loss falls enough; none: a "
        "is the learning rate.",
        "armijo",
    )
    contraction: float = setting("What a trial step is shortened by.", 0.5, gt=0, lt=1)
    sufficient: float = setting("Share of the predicted fall that is enough.", 1e-4, gt=0, lt=1)
    longest: Count = setting("Contractions after which w stays.", 20)

    def start(self, w: Array) -> State:
        return {"accepted": np.array([math.inf])} if self.line_search == "armijo" else {}

    def step(self, w: Array, objective: Objective, rate: float, state: State) -> BatchTotals:
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
