"""Residual and repeat: what they compute, what they are called, and what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.inspect.gradcheck import check_gradients
from cnntrain.nn.inspect.layer_costs import layer_costs
from cnntrain.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    ReLU,
    Repeat,
    Residual,
    Softmax,
    Tanh,
)
from cnntrain.nn.nodes import line
from cnntrain.nn.note.algorithm1 import backprop
from cnntrain.nn.samples import ArraySamples


def conv(filters, kernel=3, **settings):
    return Conv(filters=filters, kernel=kernel, padding="same", **settings)


def identity(*layers):
    return Residual(layers=layers)


def residual(layers, shortcut):
    return Residual(layers=layers, shortcut=shortcut)


END = [Flatten(), Dense(units=3), Softmax()]
NESTED = [
    conv(4),
    identity(conv(4), Tanh(), conv(4)),
    Repeat(times=2, layers=[residual([identity(conv(4)), Tanh()], [conv(4, 1)])]),
    residual([conv(5, stride=2), Tanh(), conv(5)], [conv(5, 1, stride=2), Tanh()]),
    *END,
]


def by_hand(layers, x, weights, name=""):
    """The outputs of one sample (C, H, W) or (d,), straight from the definitions."""
    counts: dict[str, int] = {}
    for layer in layers:
        counts[layer.word()] = counts.get(layer.word(), 0) + 1
        own = f"{name}{layer.name or layer.word() + str(counts[layer.word()])}"
        if isinstance(layer, Residual):
            f = by_hand(layer.layers, x, weights, f"{own}/")
            s = layer.shortcut
            x = f + (x if s == "none" else by_hand(s, x, weights, f"{own}/shortcut/"))
        elif isinstance(layer, Repeat):
            for number in range(1, layer.times + 1):
                x = by_hand(layer.layers, x, weights, f"{own}/{number}/")
        elif isinstance(layer, Conv):
            x = _conv(layer, x, weights[f"{own}/weight"], weights[f"{own}/bias"])
        elif isinstance(layer, Dense):
            x = weights[f"{own}/weight"] @ x.ravel() + weights[f"{own}/bias"]
        elif isinstance(layer, Tanh):
            x = np.tanh(x)
        elif isinstance(layer, Softmax):
            x = np.exp(x) / np.exp(x).sum()
    return x


def _conv(layer, x, weight, bias):
    windows = layer.windows(x.shape)
    top, bottom, left, right = windows.padding
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right)))
    y = np.empty(layer.output_shape(x.shape))
    for f, i, j in np.ndindex(*y.shape):
        rows, columns = i * windows.stride[0], j * windows.stride[1]
        height, width = windows.kernel
        part = padded[:, rows : rows + height, columns : columns + width]
        y[f, i, j] = bias[f] + np.sum(weight[f] * part)
    return y


def data(n=5, seed=0, shape=(6, 5, 2)):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, *shape)), np.arange(n) % 3


@pytest.fixture
def nested(make_network):
    return make_network(NESTED, (6, 5, 2), 3, chunk=2)


def test_outputs_are_those_of_the_definitions(nested, random_parameters):
    w, (x, _) = random_parameters(nested), data()
    named = nested.named_parameters(w)
    expected = [by_hand(NESTED, image.transpose(2, 0, 1), named) for image in x]
    np.testing.assert_allclose(nested.predict(w, x), expected, rtol=1e-12)


def test_the_gradient_is_that_of_algorithm_1_and_passes_the_check(nested, random_parameters):
    w, (x, y) = random_parameters(nested), data()
    _, gradient = nested.loss_and_gradient(w, x, y)
    slow = backprop(zip(x, y, strict=True), w, nested, limit=None)
    assert np.linalg.norm(gradient - slow) <= 1e-12 * np.linalg.norm(slow)
    assert all(report.passed for report in check_gradients(nested, w, x, y, entries=5))


BLOCKS = {
    "first": [identity(conv(2), ReLU()), ReLU(), *END],
    "last": [Flatten(), Dense(units=3), identity(Dense(units=3)), Softmax()],
    "vectors": [Flatten(), residual([Dense(units=9), Tanh()], [Dense(units=9)]), *END[1:]],
    "flat": [residual([Flatten(), Dense(units=9)], [Flatten(), Dense(units=9)]), *END[1:]],
    "nothing to learn in f": [conv(4), residual([ReLU()], [conv(4, 1)]), ReLU(), *END],
    "nothing to learn in s": [conv(4), residual([conv(4)], [ReLU()]), ReLU(), *END],
    "a pool as shortcut": [residual([conv(2, stride=2)], [AvgPool(window=2, ceil=True)]), *END],
    "twice the same": [residual([Flatten()], [Flatten()]), *END[1:]],
    "normalised": [
        conv(4),
        Repeat(times=2, layers=[identity(BatchNorm(), ReLU(), conv(4), Dropout(rate=0.2))]),
        *END,
    ],
    "winograd": [conv(16), identity(conv(16), ReLU(), conv(16)), ReLU(), *END],
    "nested": NESTED,
}


@pytest.mark.parametrize("name", BLOCKS)
def test_gradients_and_gauss_newton_products_against_differences(
    name, make_network, random_parameters
):
    network = make_network(BLOCKS[name], (6, 5, 2), 3, chunk=16)
    w, (x, y), key = random_parameters(network), data(20), (1, 2, 3)
    _, gradient = network.loss_and_gradient(w, x, y, key)
    rng = np.random.default_rng(1)
    for entry in network.parameters:
        direction = np.zeros_like(w)
        entry.view(direction)[...] = rng.normal(size=entry.shape)
        h = 1e-5 / np.linalg.norm(direction)
        sides = [network.loss_and_gradient(w + s * h * direction, x, y, key)[0] for s in (1, -1)]
        slope = (sides[0] - sides[1]) / (2 * h)
        assert gradient @ direction == pytest.approx(slope, rel=1e-4, abs=1e-8)
    if name != "normalised":
        u, v = rng.normal(size=(2, w.size))
        products = [network.gauss_newton(w, ArraySamples(x, y), key, each) for each in (u, v)]
        assert u @ products[1] == pytest.approx(v @ products[0], rel=1e-10)
        assert u @ products[0] > 0


@pytest.mark.parametrize("name", BLOCKS)
def test_workers_change_no_bit_and_chunks_the_last_ones(name, make_network, random_parameters):
    networks = [
        make_network(BLOCKS[name], (6, 5, 2), 3, dtype=np.float32, chunk=chunk, workers=workers)
        for chunk, workers in ((8, 1), (8, 2), (8, 3), (8, 4), (32, 1))
    ]
    w, (x, y) = random_parameters(networks[0]), data(50)
    one, *many, whole = (each.loss_and_gradient(w, x, y, (1, 2, 3)) for each in networks)
    for risk, gradient in many:
        assert risk == one[0]
        np.testing.assert_array_equal(gradient, one[1])
    assert np.linalg.norm(whole[1] - one[1]) < 1e-5 * np.linalg.norm(one[1])


# Names and places ------------------------------------------------------------------------------


def test_names_count_by_type_in_each_list(nested):
    assert list(nested.named_parameters(nested.initial_parameters(0)))[::2] == [
        "conv1/weight",
        "residual1/conv1/weight",
        "residual1/conv2/weight",
        "repeat1/1/residual1/residual1/conv1/weight",
        "repeat1/1/residual1/shortcut/conv1/weight",
        "repeat1/2/residual1/residual1/conv1/weight",
        "repeat1/2/residual1/shortcut/conv1/weight",
        "residual2/conv1/weight",
        "residual2/conv2/weight",
        "residual2/shortcut/conv1/weight",
        "dense1/weight",
    ]
    assert len(set(nested.names)) == len(nested.names)


def test_copies_begin_with_weights_of_their_own_whatever_is_around_them(make_network):
    def initial(layers, name):
        network = make_network([*layers, *END], (6, 5, 2), 3)
        return network.named_parameters(network.initial_parameters(3))[name]

    two = [conv(4), Repeat(times=2, layers=[identity(conv(4))])]
    first, second = (initial(two, f"repeat1/{k}/residual1/conv1/weight") for k in (1, 2))
    assert (first != second).all()
    more = [conv(4), ReLU(), conv(4), *two[1:]]
    np.testing.assert_array_equal(initial(more, "repeat1/1/residual1/conv1/weight"), first)


def test_places_are_those_of_the_config():
    places = {str(node.place): node.place.key for node in line(NESTED).nodes}
    assert places["layers.2.layers.0.layers.0.layers.0 (repeat1/2/residual1/residual1/conv1)"] == (
        "layers.repeat1.residual1.residual1.conv1"
    )
    assert places["layers.3.shortcut.1 (residual2/shortcut/tanh1)"] == (
        "layers.residual2.shortcut.tanh1"
    )


def test_costs_of_a_block_are_the_sums_of_what_it_holds(nested):
    costs = layer_costs(nested)
    assert [cost.name for cost in costs][:4] == ["conv1", "residual1", "repeat1", "residual2"]

    def check(cost):
        for key in ("parameters", "flops", "bytes"):
            if cost.layers:
                assert getattr(cost, key) == sum(getattr(inner, key) for inner in cost.layers)
        for inner in cost.layers:
            assert inner.name.startswith(f"{cost.name}/")
            check(inner)

    for cost in costs:
        check(cost)
    assert sum(cost.parameters for cost in costs) == nested.parameters.count
    assert costs[1].layers[-1].flops == 6 * 5 * 4  # of the sum
