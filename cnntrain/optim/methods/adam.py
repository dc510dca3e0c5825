"""Adam (Kingma and Ba, ICLR 2015), the note's reference [4], and AdamW."""

from __future__ import annotations

import math

import numpy as np

from cnntrain.optim.methods.optimizer import Array, GradientMethod, State


class Adam(GradientMethod):
    """g <- g + lambda w;   m <- beta1 m + (1 - beta1) g;   s <- beta2 s + (1 - beta2) g^2;
    w <- w - alpha (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon).

    beta1, beta2   in [0, 1): how slowly the means of g and of g^2 forget
    epsilon        keeps the division finite
    """

    def __init__(self, decay: Array | None, beta1: float, beta2: float, epsilon: float) -> None:
        super().__init__(decay)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def start(self, w: Array) -> State:
        steps = np.zeros(1, dtype=np.int64)
        return {"mean": np.zeros_like(w), "square": np.zeros_like(w), "step": steps}

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        self.add_decay(w, gradient)
        self.scaled_step(w, gradient, rate, state)

    def scaled_step(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        """The step along the scaled mean, for a gradient that is complete."""
        mean, square = state["mean"], state["square"]
        state["step"] += 1
        t = int(state["step"][0])
        mean *= self.beta1
        mean += (1 - self.beta1) * gradient
        square *= self.beta2
        square += (1 - self.beta2) * np.square(gradient)
        deviation = np.sqrt(square)
        deviation /= math.sqrt(1 - self.beta2**t)
        deviation += self.epsilon
        w -= rate / (1 - self.beta1**t) * mean / deviation


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019):
    w <- w - alpha lambda w first, then Adam's step for the bare gradient."""

    def move(self, w: Array, gradient: Array, rate: float, state: State) -> None:
        if self.decay is not None:
            w -= rate * self.decay * w
        self.scaled_step(w, gradient, rate, state)
