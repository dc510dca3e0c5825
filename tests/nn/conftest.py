"""Shared helpers for the tests of networks, handed out as fixtures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.layers.base import Call
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network


def _network(layers, input_shape, outputs, loss="cross_entropy", **settings: Any) -> Network:
    counts: Counter[str] = Counter()
    names = []
    for layer in layers:
        counts[layer.type] += 1
        names.append(f"{layer.type}{counts[layer.type]}")
    workers = Workers(settings.pop("workers", 1))
    dtype = np.dtype(settings.pop("dtype", np.float64))
    return Network(
        layers,
        names,
        LOSSES[loss](),
        input_shape,
        outputs,
        dtype=dtype,
        workers=workers,
        **settings,
    )


@pytest.fixture
def make_network() -> Callable[..., Network]:
    """make_network(layers, input_shape, outputs, loss, dtype=, workers=, chunk=): float64 unless
    told otherwise, layers named conv1, relu1, conv2, ..."""
    return _network


@pytest.fixture
def random_parameters():
    """random_parameters(network, seed): the initial ones with every bias moved away from 0."""

    def draw(network: Network, seed: int = 0):
        w = network.initial_parameters(seed)
        rng = np.random.default_rng(seed)
        for name, array in network.named_parameters(w).items():
            if name.endswith("bias"):
                array[...] = rng.normal(scale=0.3, size=array.shape)
        return w

    return draw


@pytest.fixture
def lenet_layers():
    return [
        Conv(6, 5, padding="same"),
        ReLU(),
        MaxPool(2),
        Conv(16, 5),
        ReLU(),
        MaxPool(2),
        Flatten(),
        Dense(120),
        ReLU(),
        Dense(84),
        ReLU(),
        Dense(10),
        Softmax(),
    ]


@pytest.fixture
def small_layers():
    return [
        Conv(32, 3),
        ReLU(),
        Conv(64, 3),
        ReLU(),
        MaxPool(2),
        Flatten(),
        Dense(128),
        ReLU(),
        Dense(10),
        Softmax(),
    ]


@pytest.fixture
def tiny_network(make_network):
    """tiny_network(**settings): conv, relu, pool, dense, soft-max on 6x6x2 images, 3 classes."""

    def build(**settings: Any) -> Network:
        layers = [Conv(3, 3, padding="same"), ReLU(), MaxPool(2), Flatten(), Dense(3), Softmax()]
        return make_network(layers, (6, 6, 2), 3, **settings)

    return build


@pytest.fixture
def tiny_data():
    """tiny_data(count, seed): images and labels for `tiny_network`."""

    def draw(count: int, seed: int = 0):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(count, 6, 6, 2)), rng.integers(0, 3, size=count)

    return draw


@pytest.fixture
def numeric_gradient():
    """numeric_gradient(f, x): the derivatives of the number f() by the entries of the array x,
    which f reads, by central differences."""

    def differentiate(f: Callable[[], float], x, h: float = 1e-5):
        gradient = np.zeros_like(x)
        for index in np.ndindex(*x.shape):
            centre = x[index]
            x[index] = centre + h
            above = f()
            x[index] = centre - h
            below = f()
            x[index] = centre
            gradient[index] = (above - below) / (2 * h)
        return gradient

    return differentiate


@pytest.fixture
def make_call():
    """make_call(workspace, keep, draw): what a layer's passes are given."""

    def build(workspace=None, keep=True, draw=(0, 0, 0, 0, 0)) -> Call:
        return Call(workspace or Workspace(), 0, keep, draw)

    return build


@pytest.fixture
def gradients():
    """gradients(layer, x, w, dy, call): copies of the output, dl/dx and dl/dw."""

    def run(layer, x, w, dy, call):
        y, kept = layer.forward(x, w, call)
        y = y.copy()
        dw = {name: np.full_like(array, np.nan) for name, array in w.items()}
        return y, layer.backward(dy.copy(), kept, w, dw, call).copy(), dw

    return run
