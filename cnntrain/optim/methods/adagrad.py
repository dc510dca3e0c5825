"""AdaGrad (Duchi, Hazan and Singer, JMLR 2011)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State
from cnntrain.settings import setting
from cnntrain.settings.types import Positive


class AdaGrad(GradientMethod):
    """AdaGrad (Duchi, Hazan and Singer 2011): divides by the root of the sum of squares.

    s <- s + g^2;   w <- w - alpha g / (sqrt(s) + epsilon).
    """

    type: Literal["adagrad"] = "adagrad"
    epsilon: Positive = setting("Keeps the division finite.", 1e-10)

    def start(self, w: Array) -> State:
        return {"square": np.zeros_like(w)}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        square = state["square"]
        square += np.square(gradient)
        w -= rate * gradient / (np.sqrt(square) + self.epsilon)
