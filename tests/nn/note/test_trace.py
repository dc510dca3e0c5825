"""A step traced: by hand, and beside what training computes."""

import dataclasses
import math

import numpy as np
import pytest

from cnntrain.errors import DivergedError, UsageError
from cnntrain.nn.layers import (
    ELU,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Residual,
    Softmax,
    Tanh,
)
from cnntrain.nn.note import algorithm1
from cnntrain.nn.note.algorithm1 import backprop
from cnntrain.nn.note.trace import trace
from cnntrain.nn.note.trace_words import kinks

HEAD = [Flatten(), Dense(units=3), Softmax()]


def test_a_tiny_network_by_hand(make_network):
    """x = (1, 2), W1 = [[1, 0], [1, -1]], b1 = (1, 0), relu, W2 = [[1, 2], [0, 1]], b2 = 0."""
    network = make_network([Dense(units=2), ReLU(), Dense(units=2), Softmax()], (2,), 2)
    w = np.array([1, 0, 1, -1, 1, 0, 1, 2, 0, 1, 0, 0], dtype=float)
    made = trace([(np.array([1.0, 2.0]), 1)], w, network, alpha=0.5)
    (sample,) = made.samples
    dense1, relu, dense2, softmax = sample.layers
    assert dense1.x.tolist() == [2, -1]  # 1 + 1, 1 - 2
    assert relu.x.tolist() == [2, 0]
    assert dense2.x.tolist() == [2, 0]
    p = [math.exp(2) / (math.exp(2) + 1), 1 / (math.exp(2) + 1)]
    np.testing.assert_allclose(sample.p, p, rtol=1e-15)
    assert sample.loss == pytest.approx(math.log(math.exp(2) + 1), rel=1e-15)
    np.testing.assert_allclose(sample.dl_dp, [0, -1 / p[1]])
    np.testing.assert_allclose(softmax.dl_dx, [p[0], p[1] - 1])  # p - q(y)
    g = p[0]
    np.testing.assert_allclose(dense2.dl_dw, [2 * g, 0, -2 * g, 0, g, -g])
    np.testing.assert_allclose(dense2.dl_dx, [g, 2 * g - g])
    np.testing.assert_allclose(relu.dl_dx, [g, 0])
    np.testing.assert_allclose(dense1.dl_dw, [g, 2 * g, 0, 0, g, 0])
    np.testing.assert_allclose(dense1.dl_dx, [g, 0])
    assert dense1.dx_dw().tolist() == [[1, 2, 0, 0, 1, 0], [0, 0, 1, 2, 0, 1]]
    assert dense1.dx_dx().tolist() == [[1, 0], [1, -1]]
    expected = w - 0.5 * np.array([g, 2 * g, 0, 0, g, 0, 2 * g, 0, -2 * g, 0, g, -g])
    np.testing.assert_allclose(made.after, expected)


NETWORKS = {
    "image": [Conv(filters=3, kernel=3, padding="same"), ReLU(), MaxPool(window=2), *HEAD],
    "residual": [
        Conv(filters=2, kernel=3),
        Residual(layers=[Conv(filters=2, kernel=3, padding="same"), Tanh()]),
        Residual(layers=[Conv(filters=3, kernel=1)], shortcut=[Conv(filters=3, kernel=1)]),
        GroupNorm(groups=1),
        AvgPool(window="all"),
        *HEAD,
    ],
}


@pytest.mark.parametrize("loss", ["cross_entropy", "quadratic"])
@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS.keys())
def test_the_step_is_that_of_training(layers, loss, make_network, random_parameters, tiny_data):
    network, (x, y) = make_network(layers, (6, 6, 2), 3, loss), tiny_data(3)
    w = random_parameters(network)
    risk, gradient = network.loss_and_gradient(w, x, y)
    made = trace(zip(x, y, strict=True), w, network, alpha=0.1)
    assert made.loss == pytest.approx(risk, rel=1e-9)
    np.testing.assert_allclose(made.gradient, gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(made.after, w - 0.1 * gradient, rtol=1e-9, atol=1e-12)
    after, _ = network.loss_and_gradient(w - 0.1 * gradient, x, y)
    assert made.loss_after == pytest.approx(after, rel=1e-9)
    exact = backprop(zip(x, y, strict=True), w, network)
    np.testing.assert_allclose(made.gradient, exact, rtol=1e-12, atol=1e-15)


def test_each_derivative_is_the_next_one_times_the_jacobian(
    make_network, random_parameters, tiny_data
):
    network, (x, y) = make_network(NETWORKS["residual"], (6, 6, 2), 3), tiny_data(1)
    made = trace(zip(x, y, strict=True), random_parameters(network), network, alpha=0.1)
    layers = made.samples[0].layers
    assert [layer.k for layer in layers] == list(range(1, len(network.all_layers) + 1))
    assert [layer.name for layer in layers] == network.names
    for layer, later in zip(layers, [*layers[1:], None], strict=True):
        np.testing.assert_array_equal(layer.dl_dx, layer.g @ layer.dx_dx())
        np.testing.assert_array_equal(layer.dl_dw, layer.g @ layer.dx_dw())
        if later is not None:
            assert layer.g is later.dl_dx
            assert layer.x is later.before


def test_targets_that_are_vectors(make_network, random_parameters):
    network = make_network([Dense(units=4), ReLU(), Dense(units=2)], (3,), 2, "quadratic")
    rng, w = np.random.default_rng(0), random_parameters(network)
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 2))
    risk, gradient = network.loss_and_gradient(w, x, y)
    made = trace(zip(x, y, strict=True), w, network, alpha=0.1)
    np.testing.assert_allclose(made.gradient, gradient, rtol=1e-9, atol=1e-12)
    assert made.loss == pytest.approx(risk)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (ReLU(derivative_at_zero=0.5), "36 of 36 inputs are exactly 0, at the cusp: dh/da = 0.5"),
        (LeakyReLU(slope=0.25), "dh/da = "),
        (ELU(alpha=2), "dh/da = 1 is taken"),
        (MaxPool(window=2, ties="first"), "9 of 9 windows have several highest inputs: the first"),
        (MaxPool(window=2, ties="random"), "(training draws one, ties: random)"),
        (MaxPool(window=2, ties="split"), "each has an equal part of the derivative"),
        (MaxPool(window=2), "output (0, 0, 0): inputs (0, 0, 0), (0, 0, 1) and 2 more are 0"),
    ],
    ids=repr,
)
def test_cusps_and_ties_are_named(layer, said, make_network):
    network = make_network([layer, *HEAD], (6, 6, 1), 3)
    w = np.zeros(network.parameters.count)
    (sample,) = trace([(np.zeros((6, 6, 1)), 0)], w, network, alpha=0.1).samples
    first, argmax = kinks(sample)
    assert first.startswith(f"{network.names[0]}: ")
    assert said in first
    assert argmax == "arg max: the classes 0, 1 and 2 tie, the lowest is the answer"


@pytest.mark.parametrize("layer", [ReLU(radius=0.1), ELU(), MaxPool(window=2, smooth=3), Tanh()])
def test_what_is_smooth_has_no_cusps(layer, make_network):
    network = make_network([layer, *HEAD], (6, 6, 1), 3)
    w = np.zeros(network.parameters.count)
    (sample,) = trace([(np.zeros((6, 6, 1)), 0)], w, network, alpha=0.1).samples
    assert sample.layers[0].kinks == []


def test_frozen_layers_stay_as_they_are(make_network, random_parameters, tiny_data):
    network, (x, y) = make_network(NETWORKS["image"], (6, 6, 2), 3), tiny_data(1)
    network = dataclasses.replace(network, frozen=frozenset({0}))
    w = random_parameters(network)
    made = trace(zip(x, y, strict=True), w, network, alpha=0.1)
    moved = {k: bool(np.any(v)) for k, v in network.named_parameters(made.after - w).items()}
    assert [moved[f"conv1/{name}"] for name in ("weight", "bias")] == [False, False]
    assert moved["dense1/weight"]


def test_an_infinite_loss_has_no_step(make_network):
    network = make_network([Dense(units=2), Softmax()], (1,), 2)
    w = np.array([1e4, 0, 0, 0])
    with pytest.raises(DivergedError, match="not finite"):
        trace([(np.array([1.0]), 1)], w, network, alpha=0.1)


def test_what_is_no_function_of_one_sample_is_refused(make_network):
    network = make_network([Dense(units=2), BatchNorm(), Softmax()], (3,), 2)
    with pytest.raises(UsageError, match=r"'batch_norm' \(in training it is no function of one"):
        trace([], np.zeros(network.parameters.count), network, alpha=0.1)


def test_algorithm_1_says_first_what_takes_long(make_network, monkeypatch):
    network = make_network([Dense(units=2), Softmax()], (3,), 2)
    monkeypatch.setattr(algorithm1, "PATIENCE", 0.0)
    with pytest.warns(UserWarning, match="takes about 0 s for each sample"):
        backprop([], np.zeros(8), network)
