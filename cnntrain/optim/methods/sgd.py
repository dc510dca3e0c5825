"""Stochastic gradient descent: equation 6 of the note on mini-batches, with momentum."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.nn.engines.updates import sgd
from cnntrain.optim.methods.optimizer import Array, GradientMethod, State
from cnntrain.settings import setting
from cnntrain.settings.types import Share


class SGD(GradientMethod):
    """Stochastic gradient descent: v <- momentum v + g, w <- w - rate v.

    Momentum mu = 0 is equation 6 itself.  The learning rate stands outside the velocity v
    (PyTorch's form), so that a new rate acts on it at once.
    """

    also = "gd momentum"

    type: Literal["sgd"] = "sgd"
    momentum: Share = setting("Share of the last step's velocity that is kept.", 0.0)

    def start(self, w: Array) -> State:
        return {"velocity": np.zeros_like(w)} if self.momentum else {}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        sgd(w, gradient, state.get("velocity"), self.momentum, rate)
