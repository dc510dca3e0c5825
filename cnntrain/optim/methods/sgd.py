"""Stochastic gradient descent: equation 6 of the note on mini-batches, with momentum."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State


class SGD(GradientMethod):
    """g <- g + lambda w;   v <- mu v + g;   w <- w - alpha v.

    momentum   mu in [0, 1); 0 is equation 6 itself.  The learning rate alpha stands outside the
               velocity v (PyTorch's form), so that a new rate acts on it at once
    """

    def __init__(self, decay: Array | None, momentum: float) -> None:
        super().__init__(decay)
        self.momentum = momentum

    def start(self, w: Array) -> State:
        return {"velocity": np.zeros_like(w)} if self.momentum else {}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        self.add_decay(w, gradient)
        direction = gradient
        if self.momentum:
            direction = state["velocity"]
            direction *= self.momentum
            direction += gradient
        w -= np.multiply(rate, direction, out=gradient)
