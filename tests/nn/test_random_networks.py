"""Random networks of all layers: gradients, workers, chunks and precisions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cnntrain.errors import ShapeError
from cnntrain.nn.inspect.gradcheck import check_gradients
from cnntrain.nn.layers import (
    ELU,
    GELU,
    LAYERS,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Repeat,
    Residual,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.note.algorithm1 import backprop

SEEDS = range(12)
ACTIVATIONS = [
    *(ReLU(), ReLU(radius=0.3), LeakyReLU(), LeakyReLU(slope=0.4), ELU(), ELU(alpha=0.5)),
    *(GELU(), SiLU(), Tanh(), Sigmoid()),
]
CONVOLUTIONS = [
    Conv(filters=4, kernel=3),
    Conv(filters=4, kernel=3, padding="same", bias=False),
    Conv(filters=6, kernel=(2, 3), stride=(1, 2), padding=1),
    Conv(filters=4, kernel=3, groups=2, padding=1),
    Conv(filters=4, kernel=3, groups=4, padding="same"),
    Conv(filters=4, kernel=2, dilation=2, padding=(0, 1, 1, 0)),
]
POOLS = [
    MaxPool(window=2, ties="first"),
    MaxPool(window=3, stride=2, padding=1, ties="first"),
    MaxPool(window=2, smooth=3, ceil=True),
    AvgPool(window=2),
    AvgPool(window=3, stride=2, padding="same"),
    AvgPool(window="all"),
]
NORMS = [GroupNorm(groups=2), BatchNorm(), BatchNorm(group=4), BatchNorm(epsilon=0.1)]
SAME = Conv(filters=4, kernel=3, padding="same")
BLOCKS = [
    Residual(layers=[Tanh()]),
    Residual(layers=[GroupNorm(groups=1), SiLU(), Residual(layers=[ELU()])]),
    Residual(layers=[SAME, Tanh(), SAME], shortcut=[Conv(filters=4, kernel=1, bias=False)]),
    Repeat(times=2, layers=[Residual(layers=[SAME], shortcut=[SAME]), GELU()]),
]
OF_IMAGES = [CONVOLUTIONS, ACTIVATIONS, POOLS, NORMS, [Dropout(rate=0.2)], BLOCKS]
OF_VECTORS = [
    [Dense(units=6), Dense(units=4, bias=False)],
    ACTIVATIONS,
    [Dropout(rate=0.4)],
    [BatchNorm(), BatchNorm(group=4)],
    [
        Residual(layers=[Dense(units=5)], shortcut=[Dense(units=5, bias=False)]),
        Repeat(times=2, layers=[Residual(layers=[SiLU()])]),
    ],
]


@pytest.fixture
def random_network(make_network):
    """random_network(seed, alone, ...): five layers on images, three on vectors, a dense layer
    and soft-max, on images of 7 x 6 with two channels.

    alone   without layers whose samples depend on one another, or on their number"""

    def build(seed, alone=False, **settings):
        rng = np.random.default_rng(seed)
        while True:
            layers = [*_drawn(rng, OF_IMAGES, 5), Flatten(), *_drawn(rng, OF_VECTORS, 3)]
            together = (Dropout, BatchNorm)
            layers = [layer for layer in layers if not (alone and isinstance(layer, together))]
            try:
                return make_network([*layers, Dense(units=3), Softmax()], (7, 6, 2), 3, **settings)
            except ShapeError:
                continue  # they do not fit one another

    return build


def _drawn(rng, families, count):
    """`count` layers, each of a random family."""
    kinds = [families[i] for i in rng.integers(len(families), size=count)]
    return [kind[rng.integers(len(kind))] for kind in kinds]


def data(count=7, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, 7, 6, 2)), rng.integers(0, 3, size=count)


def far(found, right):
    """How far a gradient is from the right one, as a share of its length."""
    return np.linalg.norm(found - right) / np.linalg.norm(right)


def test_every_layer_may_be_drawn():
    drawn = {layer.word() for family in (*OF_IMAGES, *OF_VECTORS) for layer in family}
    assert drawn | {"flatten", "softmax"} == set(LAYERS.kinds)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_is_that_of_algorithm_1(seed, random_network, random_parameters):
    network = random_network(seed, alone=True)
    w, (x, y) = random_parameters(network), data(3)
    _, gradient = network.loss_and_gradient(w, x, y)
    assert far(gradient, backprop(zip(x, y, strict=True), w, network, limit=None)) < 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_passes_the_check(seed, random_network, random_parameters):
    network = random_network(seed)
    w, (x, y) = random_parameters(network), data()
    for report in check_gradients(network, w, x, y, entries=6, rng_key=(0, 0, seed)):
        assert report.error < 1e-6, report


@pytest.mark.parametrize("seed", SEEDS)
def test_workers_change_no_bit_and_chunks_the_last_ones(seed, random_network, random_parameters):
    one = random_network(seed, dtype=np.float32, chunk=2)
    w, (x, y), key = random_parameters(one), data(), (1, 2, seed)
    risk, gradient = one.loss_and_gradient(w, x, y, key)
    for workers in (2, 3, 4):
        many = random_network(seed, dtype=np.float32, chunk=2, workers=workers)
        found = many.loss_and_gradient(w, x, y, key)
        assert found[0] == risk
        np.testing.assert_array_equal(found[1], gradient)
        buffers = one.initial_buffers()
        np.testing.assert_array_equal(many.predict(w, x, buffers), one.predict(w, x, buffers))
    whole = dataclasses.replace(one, chunk=None)
    assert far(whole.loss_and_gradient(w, x, y, key)[1], gradient) < 1e-5


@pytest.mark.parametrize("seed", SEEDS)
def test_single_precision_is_close_to_double(seed, random_network, random_parameters):
    single = random_network(seed, dtype=np.float32)
    double = random_network(seed)
    w, (x, y), key = random_parameters(single), data(), (0, 0, seed)
    gradient = single.loss_and_gradient(w, x, y, key)[1]
    assert far(gradient, double.loss_and_gradient(w.astype(np.float64), x, y, key)[1]) < 1e-4
