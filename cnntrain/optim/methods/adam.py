"""Adam (Kingma and Ba, ICLR 2015), the note's reference [4]."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from cnntrain.elementary import power
from cnntrain.nn.engines.updates import adam
from cnntrain.optim.methods.optimizer import Array, GradientMethod, State
from cnntrain.settings import setting
from cnntrain.settings.types import Positive, Share


class AdamMethod(GradientMethod):
    """The step that Adam and AdamW share:

    m <- beta1 m + (1 - beta1) g;   s <- beta2 s + (1 - beta2) g^2;
    w <- w - alpha (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon).
    """

    beta1: Share = setting("Share that the mean of the gradient keeps.", 0.9)
    beta2: Share = setting("Share that the mean of its square keeps.", 0.999)
    epsilon: Positive = setting("Keeps the division finite.", 1e-8)

    def start(self, w: Array) -> State:
        steps = np.zeros(1, dtype=np.int64)
        return {"mean": np.zeros_like(w), "square": np.zeros_like(w), "step": steps}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        state["step"] += 1
        t = int(state["step"][0])
        adam(
            w,
            gradient,
            state["mean"],
            state["square"],
            (self.beta1, self.beta2),
            deviation=math.sqrt(1 - power(self.beta2, t)),
            epsilon=self.epsilon,
            rate=rate / (1 - power(self.beta1, t)),
        )


class Adam(AdamMethod):
    """Adam (Kingma and Ba 2015): steps scaled by running means of the gradient and its square."""

    type: Literal["adam"] = "adam"
