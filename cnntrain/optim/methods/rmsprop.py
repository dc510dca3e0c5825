"""RMSprop (Tieleman and Hinton, Coursera lecture 6.5, 2012)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State
from cnntrain.settings import setting
from cnntrain.settings.types import Positive, Share


class RMSprop(GradientMethod):
    """RMSprop (Tieleman and Hinton 2012): steps divided by a running root mean square.

    s <- rho s + (1 - rho) g^2;   d = g / (sqrt(s) + epsilon);   v <- momentum v + d;
    w <- w - alpha v.
    """

    type: Literal["rmsprop"] = "rmsprop"
    rho: Share = setting("Share that the mean square keeps.", 0.99)
    epsilon: Positive = setting("Keeps the division finite.", 1e-8)
    momentum: Share = setting("Share of the last step's velocity that is kept.", 0.0)

    def start(self, w: Array) -> State:
        state = {"square": np.zeros_like(w)}
        return {**state, "velocity": np.zeros_like(w)} if self.momentum else state

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        square = state["square"]
        square *= self.rho
        square += (1 - self.rho) * np.square(gradient)
        direction = gradient / (np.sqrt(square) + self.epsilon)
        if self.momentum:
            velocity = state["velocity"]
            velocity *= self.momentum
            velocity += direction
            direction = velocity
        w -= rate * direction
