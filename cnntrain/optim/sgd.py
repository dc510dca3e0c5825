"""Stochastic gradient descent: equation 6 of the note on mini-batches, with momentum."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.optimizer import Array, GradientMethod, State


class SGD(GradientMethod):
    """g <- g + lambda w;   v <- mu v + g;   w <- w - alpha v.

    momentum   mu in [0, 1); 0 is equation 6 itself.  The learning rate alpha stands outside the
               velocity v (PyTorch's form), so that a new rate acts on it at once
    """

    def __init__(self, decayed: Array, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(decayed, weight_decay)
        self.momentum = momentum

    def start(self, w: Array) -> State:
        return {"velocity": np.zeros_like(w)} if self.momentum else {}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        self.add_decay(w, gradient)
        if self.momentum:
            velocity = state["velocity"]
            velocity *= w.dtype.type(self.momentum)
            velocity += gradient
            gradient = velocity
        w -= w.dtype.type(rate) * gradient
