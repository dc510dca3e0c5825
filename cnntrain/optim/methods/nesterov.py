"""Nesterov's accelerated gradient, in the form of Sutskever et al. (ICML 2013)."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State


class Nesterov(GradientMethod):
    """g <- g + lambda w;   v <- mu v + g;   w <- w - alpha (g + mu v).

    momentum   mu in (0, 1): the step looks ahead along the velocity it will have
    """

    def __init__(self, decay: Array | None, momentum: float) -> None:
        super().__init__(decay)
        self.momentum = momentum

    def start(self, w: Array) -> State:
        return {"velocity": np.zeros_like(w)}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        velocity = state["velocity"]
        self.add_decay(w, gradient)
        velocity *= self.momentum
        velocity += gradient
        w -= rate * (gradient + self.momentum * velocity)
