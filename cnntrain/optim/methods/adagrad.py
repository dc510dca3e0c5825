"""AdaGrad (Duchi, Hazan and Singer, JMLR 2011)."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State


class AdaGrad(GradientMethod):
    """g <- g + lambda w;   s <- s + g^2;   w <- w - alpha g / (sqrt(s) + epsilon)."""

    def __init__(self, decay: Array | None, epsilon: float) -> None:
        super().__init__(decay)
        self.epsilon = epsilon

    def start(self, w: Array) -> State:
        return {"square": np.zeros_like(w)}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        square = state["square"]
        self.add_decay(w, gradient)
        square += np.square(gradient)
        w -= rate * gradient / (np.sqrt(square) + self.epsilon)
