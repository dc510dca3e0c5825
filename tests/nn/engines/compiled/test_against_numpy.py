"""Whole networks in C against the engine in NumPy, and what neither may let through."""

from __future__ import annotations

import numpy as np
import pytest
from network_cases import END, NETWORKS, batch, conv, enough, farthest, network

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.stages import CompiledStage
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import (
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPool,
    ReLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples


@pytest.mark.parametrize("way", ["auto", "winograd", "im2col"])
@pytest.mark.parametrize("name", NETWORKS)
def test_risk_gradient_and_outputs_are_those_of_the_numpy_engine(name, way, library):
    for n in (1, 16, 37):
        mine = network(name, CompiledEngine(library, way), chunk=32)
        other = network(name, NumpyEngine(way), chunk=32)
        w, x, y = batch(mine, enough(mine, n))
        buffers = mine.initial_buffers()
        buffers += 0.1 * np.random.default_rng(1).random(buffers.shape)
        risk, gradient = mine.loss_and_gradient(w, x, y)
        expected_risk, expected = other.loss_and_gradient(w, x, y)
        assert risk == pytest.approx(expected_risk, rel=1e-12)
        assert farthest(mine, gradient, expected) <= 5e-12
        found, right = (net.predict(w, x, buffers) for net in (mine, other))
        np.testing.assert_allclose(found, right, rtol=1e-11)
        noted, wanted = (
            net.totals_and_gradient(w, ArraySamples(x, y), (0, 0, 0))[2] for net in (mine, other)
        )
        np.testing.assert_allclose(noted, wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", NETWORKS)
def test_single_precision_is_as_close_as_that_of_numpy(name, library):
    """To the gradient in double precision, within 1e-5 of the largest entry of each array."""
    mine = network(name, CompiledEngine(library, "im2col"), "float32")
    other = network(name, NumpyEngine("im2col"))
    w, x, y = batch(mine, 20)
    x = x.astype("f4")
    gradient = mine.loss_and_gradient(w, x, y)[1]
    expected = other.loss_and_gradient(w.astype("f8"), x.astype("f8"), y)[1]
    assert farthest(mine, gradient, expected) <= 1e-5


@pytest.mark.parametrize("ties", ["random", "first"])
def test_tied_maxima_give_their_gradient_to_the_same_entry(ties, library):
    layers = [conv(3, 1), ReLU(), MaxPool(window=3, stride=2, ties=ties), *END]
    nets = [
        Network(layers, CrossEntropy(), (9, 9, 1), 5, np.dtype("f8"), engine, chunk=16)
        for engine in (CompiledEngine(library), NumpyEngine())
    ]
    w = nets[0].initial_parameters(seed=2)
    x = np.random.default_rng(0).integers(-1, 2, size=(40, 9, 9, 1)).astype("f8")
    y = np.arange(40) % 5
    for step in range(5):
        found, right = (net.loss_and_gradient(w, x, y, (7, 1, step))[1] for net in nets)
        np.testing.assert_allclose(found, right, rtol=1e-11, atol=1e-15)


class Unknown(Tanh):
    """A layer without a kernel."""


def test_layers_without_a_kernel_run_in_numpy_between(library):
    layers = [Unknown(), conv(4, 3), Unknown(), MaxPool(window=2), Unknown(), *END]
    nets = [
        Network(layers, CrossEntropy(), (9, 8, 2), 5, np.dtype("f8"), engine, chunk=16)
        for engine in (CompiledEngine(library), NumpyEngine())
    ]
    assert sum(isinstance(stage, CompiledStage) for stage in nets[0].stages) == 3
    w, x, y = batch(nets[0], 37)
    (risk, found), (expected, right) = (net.loss_and_gradient(w, x, y) for net in nets)
    assert risk == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-15)


def test_dropout_leaves_out_the_same_entries(library):
    """In every chunk of a batch that takes several calls."""
    layers = [Dense(units=11), Dropout(rate=0.3), Dense(units=5), Dropout(rate=0.6), *END[1:]]
    nets = [
        Network(layers, CrossEntropy(), (7,), 5, np.dtype("f8"), engine, chunk=16)
        for engine in (CompiledEngine(library), NumpyEngine())
    ]
    w, x, y = batch(nets[0], 200)
    for step in range(2):
        found, right = (net.loss_and_gradient(w, x, y, (7, 1, step))[1] for net in nets)
        np.testing.assert_allclose(found, right, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(*(net.predict(w, x) for net in nets), rtol=1e-12)


@pytest.mark.parametrize("layer", [ReLU(), ReLU(derivative_at_zero=0), LeakyReLU(slope=0.5)])
def test_the_derivative_at_zero_is_the_one_asked_for(layer, library):
    layers = [conv(2, 1), layer, *END]
    nets = [
        Network(layers, CrossEntropy(), (4, 4, 1), 5, np.dtype("f8"), engine)
        for engine in (CompiledEngine(library), NumpyEngine())
    ]
    w = nets[0].initial_parameters(seed=2)
    x = np.zeros((3, 4, 4, 1))  # with biases of 0 every input of the layer is 0
    found, right = (net.loss_and_gradient(w, x, np.arange(3))[1] for net in nets)
    np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-16)


def test_gauss_newton_products_are_those_of_the_numpy_engine(library):
    mine, other = network("lenet", CompiledEngine(library)), network("lenet", NumpyEngine())
    w, x, y = batch(mine, 5)
    v = np.random.default_rng(5).normal(size=w.size)
    found, right = (net.gauss_newton(w, ArraySamples(x, y), (0, 0, 0), v) for net in (mine, other))
    np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-12)


def test_the_quadratic_loss_of_a_soft_max(library):
    layers = [Flatten(), Dense(units=6), Tanh(), Dense(units=4), Softmax()]
    nets = [
        Network(layers, Quadratic(), (3, 2, 1), 4, np.dtype("f8"), engine)
        for engine in (CompiledEngine(library), NumpyEngine())
    ]
    w = nets[0].initial_parameters(seed=0)
    x, y = np.random.default_rng(0).normal(size=(21, 3, 2, 1)), np.arange(21) % 4
    (found, gradient), (right, expected) = (net.loss_and_gradient(w, x, y) for net in nets)
    assert found == pytest.approx(right, rel=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-15)


def test_targets_that_are_vectors(library):
    layers = [Dense(units=6), ReLU(), Dense(units=2)]
    nets = [
        Network(layers, Quadratic(), (4,), 2, np.dtype("f8"), engine)
        for engine in (CompiledEngine(library), NumpyEngine())
    ]
    w = nets[0].initial_parameters(seed=0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(21, 4)), rng.normal(size=(21, 2))
    found, right = (net.loss_and_gradient(w, x, y)[1] for net in nets)
    np.testing.assert_allclose(found, right, rtol=1e-12)


def test_a_number_that_is_none_reaches_the_loss(compiled):
    """Activation and pooling swallow no NaN: a diverged run is to be seen."""
    net = network("lenet", compiled)
    w, x, y = batch(net, 3)
    x[1, 14, 14] = np.nan
    assert np.isnan(net.loss_and_gradient(w, x, y)[0])
    assert np.isfinite(net.predict(w, x)[[0, 2]]).all()


def test_layers_without_anything_between_are_one_stage(compiled):
    stages = network("lenet", compiled).stages
    assert [stage.layers for stage in stages] == [
        range(3),
        range(3, 7),
        range(7, 9),
        range(9, 11),
        range(11, 12),
    ]
    assert all(isinstance(stage, CompiledStage) for stage in stages)


def test_large_batches_after_small_ones(compiled):
    net, fresh = (network("pools", compiled, workers=Workers(1), chunk=64) for _ in range(2))
    w, x, y = batch(net, 60)
    net.loss_and_gradient(w, x[:3], y[:3])
    found, right = net.loss_and_gradient(w, x, y)[1], fresh.loss_and_gradient(w, x, y)[1]
    np.testing.assert_array_equal(found, right)


def test_small_batches_after_large_ones(library):
    """Fewer samples need more memory for the tiles of Winograd's algorithm, in larger blocks."""
    layers = [conv(16, 3, padding="same"), ReLU(), conv(32, 3, padding="same"), *END]
    net, fresh = (
        Network(layers, CrossEntropy(), (8, 8, 1), 5, np.dtype("f4"), CompiledEngine(library))
        for _ in range(2)
    )
    w, x, y = batch(net, 144)
    for n in (144, 64, 32, 16):
        net.predict(w, x)
        found = net.loss_and_gradient(w, x[:n], y[:n])[1]
        np.testing.assert_array_equal(found, fresh.loss_and_gradient(w, x[:n], y[:n])[1])
