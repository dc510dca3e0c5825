"""RMSprop (Tieleman and Hinton, Coursera lecture 6.5, 2012)."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.optimizer import Array, GradientMethod, State


class RMSprop(GradientMethod):
    """g <- g + lambda w;   s <- rho s + (1 - rho) g^2;   d = g / (sqrt(s) + epsilon);
    v <- mu v + d;   w <- w - alpha v.

    rho        in [0, 1): how slowly the mean square of g forgets
    momentum   mu in [0, 1)
    """

    def __init__(
        self,
        decayed: Array,
        rho: float = 0.99,
        epsilon: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(decayed, weight_decay)
        self.rho, self.epsilon, self.momentum = rho, epsilon, momentum

    def start(self, w: Array) -> State:
        state = {"square": np.zeros_like(w)}
        return {**state, "velocity": np.zeros_like(w)} if self.momentum else state

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        number, square = w.dtype.type, state["square"]
        self.add_decay(w, gradient)
        square *= number(self.rho)
        square += number(1 - self.rho) * np.square(gradient)
        direction = gradient / (np.sqrt(square) + number(self.epsilon))
        if self.momentum:
            velocity = state["velocity"]
            velocity *= number(self.momentum)
            velocity += direction
            direction = velocity
        w -= number(rate) * direction
