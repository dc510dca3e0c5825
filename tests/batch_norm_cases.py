"""Networks with batch normalisation, and data for them."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    MaxPool,
    ReLU,
    Residual,
    Softmax,
)
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network

KEY = (0, 0, 0)


def conv(filters, stride=1):
    return Conv(filters=filters, kernel=3, stride=stride, padding=1, bias=False)


PLAIN = [
    *[Conv(filters=6, kernel=3), BatchNorm(), ReLU(), MaxPool(window=2, ties="first")],
    *[BatchNorm(epsilon=0.1, momentum=0.3), Flatten(), Dense(units=7), BatchNorm(), ReLU()],
    *[Dense(units=5), Softmax()],
]
BLOCKS = [
    *[conv(8), BatchNorm(), ReLU()],
    Residual(layers=(conv(8), BatchNorm(), ReLU(), conv(8), BatchNorm())),
    ReLU(),
    Residual(
        layers=(conv(12, 2), BatchNorm(), ReLU(), conv(12), BatchNorm()),
        shortcut=(Conv(filters=12, kernel=1, stride=2, bias=False), BatchNorm()),
    ),
    *[ReLU(), AvgPool(window="all"), Flatten(), Dense(units=5), Softmax()],
]


def network(layers, engine, **settings):
    dtype = np.dtype(settings.pop("dtype", "f8"))
    return Network(layers, CrossEntropy(), (12, 10, 3), 5, dtype, engine, **settings)


def data(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 12, 10, 3)), rng.integers(0, 5, n)


def start(net, seed=1):
    w = net.initial_parameters(seed)
    return w + 0.1 * np.random.default_rng(seed).normal(size=w.size).astype(w.dtype)
