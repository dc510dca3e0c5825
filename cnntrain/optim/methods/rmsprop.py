"""RMSprop (Tieleman and Hinton, Coursera lecture 6.5, 2012)."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State


class RMSprop(GradientMethod):
    """g <- g + lambda w;   s <- rho s + (1 - rho) g^2;   d = g / (sqrt(s) + epsilon);
    v <- mu v + d;   w <- w - alpha v.

    rho        in [0, 1): how slowly the mean square of g forgets
    momentum   mu in [0, 1)
    """

    def __init__(self, decay: Array | None, rho: float, epsilon: float, momentum: float) -> None:
        super().__init__(decay)
        self.rho, self.epsilon, self.momentum = rho, epsilon, momentum

    def start(self, w: Array) -> State:
        state = {"square": np.zeros_like(w)}
        return {**state, "velocity": np.zeros_like(w)} if self.momentum else state

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        square = state["square"]
        self.add_decay(w, gradient)
        square *= self.rho
        square += (1 - self.rho) * np.square(gradient)
        direction = gradient / (np.sqrt(square) + self.epsilon)
        if self.momentum:
            velocity = state["velocity"]
            velocity *= self.momentum
            velocity += direction
            direction = velocity
        w -= rate * direction
