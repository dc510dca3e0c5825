"""Nesterov's accelerated gradient, in the form of Sutskever et al. (ICML 2013)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State
from cnntrain.settings import setting


class Nesterov(GradientMethod):
    """Nesterov's momentum: v <- momentum v + g, w <- w - rate (g + momentum v).

    The step looks ahead along the velocity that it will have.
    """

    type: Literal["nesterov"] = "nesterov"
    momentum: float = setting("Share of the last step's velocity that is kept.", 0.9, gt=0, lt=1)

    def start(self, w: Array) -> State:
        return {"velocity": np.zeros_like(w)}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        velocity = state["velocity"]
        velocity *= self.momentum
        velocity += gradient
        w -= rate * (gradient + self.momentum * velocity)
