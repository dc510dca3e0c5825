"""The network as a pure function of one flat parameter vector."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.layers import Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples

# Parameters ----------------------------------------------------------------------------------


def test_named_parameters_are_views_in_network_order(tiny_network):
    network = tiny_network()
    w = np.zeros(network.parameters.count)
    named = network.named_parameters(w)
    assert {name: array.shape for name, array in named.items()} == {
        "conv1/weight": (3, 2, 3, 3),
        "conv1/bias": (3,),
        "dense1/weight": (3, 27),
        "dense1/bias": (3,),
    }
    assert list(named) == ["conv1/weight", "conv1/bias", "dense1/weight", "dense1/bias"]
    named["dense1/bias"][2] = 5
    assert w[-1] == 5
    np.testing.assert_array_equal(np.concatenate([a.ravel() for a in named.values()]), w)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_initial_parameters_are_a_function_of_the_seed(dtype, tiny_network):
    network = tiny_network(dtype=dtype)
    w = network.initial_parameters(3)
    assert w.dtype == dtype
    np.testing.assert_array_equal(w, tiny_network(dtype=dtype).initial_parameters(3))
    assert not np.array_equal(w, network.initial_parameters(4))


def test_both_precisions_start_from_the_same_numbers(tiny_network):
    single = tiny_network(dtype=np.float32).initial_parameters(0)
    np.testing.assert_array_equal(single, tiny_network().initial_parameters(0).astype(np.float32))


def test_initial_weights_of_a_layer_do_not_depend_on_the_other_layers(make_network):
    short = [Flatten(), Dense(units=4), ReLU(), Dense(units=3), Softmax()]
    long = [
        ReLU(),
        Flatten(),
        ReLU(),
        Dense(units=4),
        ReLU(),
        Dense(units=3, bias=False),
        Softmax(),
    ]
    one, other = (make_network(layers, (4, 4, 1), 3) for layers in (short, long))
    a = one.named_parameters(one.initial_parameters(0))
    b = other.named_parameters(other.initial_parameters(0))
    for name in ("dense1/weight", "dense2/weight"):
        np.testing.assert_array_equal(a[name], b[name])


def test_initial_weights_depend_on_the_layer_name(make_network):
    layers = [Dense(units=4), ReLU(), Dense(units=4), Softmax()]
    network = make_network(layers, (4,), 4)
    named = network.named_parameters(network.initial_parameters(0))
    assert not np.array_equal(named["dense1/weight"], named["dense2/weight"])
    layers[2] = Dense(units=4, name="dense1")
    layers[0] = Dense(units=4, name="first")
    renamed = Network(layers, CrossEntropy(), (4,), 4)
    moved = renamed.named_parameters(renamed.initial_parameters(0))["dense1/weight"]
    np.testing.assert_array_equal(moved, named["dense1/weight"].astype(np.float32))


# Outputs, loss and gradient ------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_lie_on_the_soft_max_simplex(dtype, tiny_network, tiny_data, random_parameters):
    network, (x, _) = tiny_network(dtype=dtype), tiny_data(20)
    p = network.predict(random_parameters(network), x)
    assert (p.shape, p.dtype) == ((20, 3), dtype)
    assert np.all(p >= 0)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loss_is_the_mean_over_the_batch(dtype, tiny_network, tiny_data, random_parameters):
    network, (x, y) = tiny_network(dtype=dtype), tiny_data(20)
    w = random_parameters(network)
    loss, gradient = network.loss_and_gradient(w, x, y)
    p = network.predict(w, x)
    assert loss == pytest.approx(-np.mean(np.log(p[np.arange(20), y])), rel=1e-6)
    assert gradient.dtype == dtype
    assert gradient.shape == w.shape


def test_single_precision_is_close_to_double(tiny_network, tiny_data, random_parameters):
    x, y = tiny_data(20)
    results = []
    for dtype in (np.float32, np.float64):
        network = tiny_network(dtype=dtype)
        w = random_parameters(tiny_network()).astype(dtype)
        results.append(network.loss_and_gradient(w, x, y))
    (single, single_gradient), (double, gradient) = results
    assert single == pytest.approx(double, rel=1e-6)
    error = np.linalg.norm(single_gradient - gradient) / np.linalg.norm(gradient)
    assert error < 1e-5


def test_targets_of_a_regression_are_vectors(make_network, random_parameters):
    network = make_network([Dense(units=4), ReLU(), Dense(units=2)], (3,), 2, "quadratic")
    rng = np.random.default_rng(0)
    w, x, y = random_parameters(network), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    loss, _ = network.loss_and_gradient(w, x, y)
    assert loss == pytest.approx(np.mean(np.sum((network.predict(w, x) - y) ** 2, axis=1)))
    total, outputs = network.measure(w, ArraySamples(x, y))
    assert total.risk == pytest.approx(loss)
    np.testing.assert_array_equal(outputs, network.predict(w, x))


def test_measure_sums_losses_and_errors_of_all_samples(tiny_network, tiny_data, random_parameters):
    network, (x, y) = tiny_network(), tiny_data(30)
    w = random_parameters(network)
    total, p = network.measure(w, ArraySamples(x, y))
    np.testing.assert_array_equal(p, network.predict(w, x))
    assert total.samples == 30
    assert total.errors == np.count_nonzero(p.argmax(axis=1) != y)
    assert total.risk == pytest.approx(network.loss_and_gradient(w, x, y)[0], rel=1e-13)


def test_inputs_are_left_as_they_are(make_network, random_parameters):
    network = make_network([ReLU(), Dense(units=3), Softmax()], (4,), 3)
    w, x = random_parameters(network), np.random.default_rng(0).normal(size=(1, 4))
    before = x.copy()
    network.loss_and_gradient(w, x, np.zeros(1, dtype=int))
    network.predict(w, x)
    np.testing.assert_array_equal(x, before)


def test_an_update_of_w_in_place_is_seen(tiny_network, tiny_data, random_parameters):
    network, (x, y) = tiny_network(), tiny_data(20)
    w = random_parameters(network)
    first, gradient = network.loss_and_gradient(w, x, y)
    w -= 0.1 * gradient
    second, _ = network.loss_and_gradient(w, x, y)
    assert second < first
    assert second == network.loss_and_gradient(w.copy(), x, y)[0]


def test_the_gradient_is_a_new_vector_each_time(tiny_network, tiny_data, random_parameters):
    network, (x, y) = tiny_network(), tiny_data(20)
    w = random_parameters(network)
    _, first = network.loss_and_gradient(w, x, y)
    before = first.copy()
    _, second = network.loss_and_gradient(2 * w, x, y)
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, before)


def test_predictions_are_not_scratch_memory(tiny_network, tiny_data, random_parameters):
    network = tiny_network()
    w = random_parameters(network)
    first = network.predict(w, tiny_data(20, seed=0)[0])
    before = first.copy()
    network.predict(w, tiny_data(20, seed=1)[0])
    np.testing.assert_array_equal(first, before)


def test_inputs_labels_and_parameters_are_only_read(tiny_network, tiny_data, random_parameters):
    network, (x, y) = tiny_network(chunk=3), tiny_data(10)
    w = random_parameters(network)
    for array in (w, x, y):
        array.flags.writeable = False
    network.loss_and_gradient(w, x, y)
    network.predict(w, x)


def test_layers_without_parameters_at_the_front_and_in_between(make_network, random_parameters):
    layers = [
        ReLU(),
        MaxPool(window=2),
        Flatten(),
        Dense(units=4),
        ReLU(),
        Dense(units=2),
        Softmax(),
    ]
    network = make_network(layers, (4, 4, 1), 2)
    x = np.random.default_rng(0).normal(size=(5, 4, 4))
    w = random_parameters(network)
    _, gradient = network.loss_and_gradient(w, x, np.array([0, 1, 1, 0, 1]))
    assert np.all(np.isfinite(gradient)) and np.any(gradient)


def test_a_network_without_parameters_has_an_empty_gradient(make_network):
    network = make_network([Softmax()], (3,), 3)
    loss, gradient = network.loss_and_gradient(np.zeros(0), np.zeros((4, 3)), np.zeros(4, int))
    assert loss == pytest.approx(np.log(3))
    assert gradient.shape == (0,)
