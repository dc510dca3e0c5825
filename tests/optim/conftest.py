"""Risks to lower: a linear regression, whose minimum is known, and a small classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples
from cnntrain.optim.methods import OPTIMIZERS, Optimizer
from cnntrain.optim.objective import Objective


def make(kind, **settings) -> Optimizer:
    """An optimizer by its name in the config."""
    return OPTIMIZERS[kind](**settings)


@dataclass
class Problem:
    """A network, its data, and a starting point."""

    network: Network
    x: Any
    y: Any

    @property
    def start(self):
        return self.network.initial_parameters(0)

    optimizer = staticmethod(make)

    def objective(self, step: int = 0) -> Objective:
        return Objective(self.network, ArraySamples(self.x, self.y), (0, 0, step))

    def risk(self, w) -> float:
        return self.objective().risk(w)

    def run(self, optimizer, steps, rate, w=None, state=None):
        """w and the state after some steps, and the objectives asked."""
        w = self.start if w is None else w.copy()
        state = optimizer.start(w) if state is None else state
        objectives = []
        for step in range(steps):
            objectives.append(self.objective(step))
            optimizer.step(w, objectives[-1], rate, state)
        return w, state, objectives


def _problem(layers, input_shape, outputs, loss, x, y, dtype) -> Problem:
    network = Network(layers, LOSSES[loss](), input_shape, outputs, np.dtype(dtype))
    return Problem(network, x, y)


@pytest.fixture
def regression() -> Problem:
    """Two noisy linear functions of three inputs: float64."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    y = x @ rng.normal(size=(3, 2)) + [1.0, -2.0] + 0.1 * rng.normal(size=(40, 2))
    return _problem([Dense(units=2)], (3,), 2, "quadratic", x, y, np.float64)


@pytest.fixture
def least_squares(regression):
    """The parameters at which the regression's risk is least."""
    extended = np.hstack([regression.x, np.ones((40, 1))])
    solution = np.linalg.lstsq(extended, regression.y, rcond=None)[0]
    return np.concatenate([solution[:3].T.ravel(), solution[3]])


@pytest.fixture
def make_classifier():
    """make_classifier(dtype): a small convolutional network on two kinds of images."""

    def build(dtype=np.float32) -> Problem:
        rng = np.random.default_rng(0)
        y = rng.integers(0, 2, size=40)
        x = rng.normal(size=(40, 6, 6, 1)) + np.where(y, 0.7, -0.7)[:, None, None, None]
        layers = [
            Conv(filters=2, kernel=3),
            ReLU(),
            MaxPool(window=2),
            Flatten(),
            Dense(units=2),
            Softmax(),
        ]
        return _problem(layers, (6, 6, 1), 2, "cross_entropy", x, y, dtype)

    return build


@pytest.fixture
def classifier(make_classifier) -> Problem:
    """The small classifier in float32."""
    return make_classifier()


@pytest.fixture
def make_optimizer():
    """make_optimizer(kind, **settings): see `make`."""
    return make
