"""Shared helpers for the tests of networks, handed out as fixtures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import layer_passes
import numpy as np
import pytest

from cnntrain.nn.engines.choice import engine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network


@pytest.fixture(
    params=[
        "numpy",
        pytest.param(
            "compiled",
            marks=pytest.mark.skipif(isinstance(load(), str), reason="it was not compiled"),
        ),
    ]
)
def either_engine(request):
    """An engine: the test runs with each."""
    return engine(request.param)


def _network(layers, input_shape, outputs, loss="cross_entropy", **settings: Any) -> Network:
    workers = Workers(settings.pop("workers", 1))
    dtype = np.dtype(settings.pop("dtype", np.float64))
    return Network(
        layers,
        LOSSES[loss](),
        input_shape,
        outputs,
        dtype=dtype,
        workers=workers,
        **settings,
    )


@pytest.fixture
def make_network(either_engine) -> Callable[..., Network]:
    """make_network(layers, input_shape, outputs, loss, dtype=, workers=, chunk=): float64 unless
    told otherwise, layers named conv1, relu1, conv2, ...; computed by either engine."""
    return partial(_network, engine=either_engine)


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
        Conv(filters=6, kernel=5, padding="same"),
        ReLU(),
        MaxPool(window=2),
        Conv(filters=16, kernel=5),
        ReLU(),
        MaxPool(window=2),
        Flatten(),
        Dense(units=120),
        ReLU(),
        Dense(units=84),
        ReLU(),
        Dense(units=10),
        Softmax(),
    ]


@pytest.fixture
def small_layers():
    return [
        Conv(filters=32, kernel=3),
        ReLU(),
        Conv(filters=64, kernel=3),
        ReLU(),
        MaxPool(window=2),
        Flatten(),
        Dense(units=128),
        ReLU(),
        Dense(units=10),
        Softmax(),
    ]


@pytest.fixture
def tiny_network(make_network):
    """tiny_network(**settings): conv, relu, pool, dense, soft-max on 6x6x2 images, 3 classes."""

    def build(**settings: Any) -> Network:
        layers = [
            Conv(filters=3, kernel=3, padding="same"),
            ReLU(),
            MaxPool(window=2),
            Flatten(),
            Dense(units=3),
            Softmax(),
        ]
        return make_network(layers, (6, 6, 2), 3, **settings)

    return build


@pytest.fixture
def tiny_data():
    """tiny_data(count, seed): images and labels for `tiny_network`."""

    def draw(count: int, seed: int = 0):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(count, 6, 6, 2)), rng.integers(0, 3, size=count)

    return draw


@pytest.fixture(name="numeric_gradient")
def numeric_gradient_fixture():
    """numeric_gradient(f, x)."""
    return layer_passes.numeric_gradient


@pytest.fixture(name="make_context")
def make_context_fixture():
    """make_context(workspace, training, rng_key): what a layer's passes are given."""
    return layer_passes.make_context


@pytest.fixture(name="gradients")
def gradients_fixture():
    """gradients(layer, x, w, dy, context): copies of the output, dl/dx and dl/dw."""
    return layer_passes.gradients
