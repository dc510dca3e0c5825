"""AdaGrad (Duchi, Hazan and Singer, JMLR 2011)."""

from __future__ import annotations

import numpy as np

from cnntrain.optim.optimizer import Array, GradientMethod, State


class AdaGrad(GradientMethod):
    """g <- g + lambda w;   s <- s + g^2;   w <- w - alpha g / (sqrt(s) + epsilon)."""

    def __init__(self, decayed: Array, epsilon: float = 1e-10, weight_decay: float = 0.0) -> None:
        super().__init__(decayed, weight_decay)
        self.epsilon = epsilon

    def start(self, w: Array) -> State:
        return {"square": np.zeros_like(w)}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        number, square = w.dtype.type, state["square"]
        self.add_decay(w, gradient)
        square += np.square(gradient)
        w -= number(rate) * gradient / (np.sqrt(square) + number(self.epsilon))
