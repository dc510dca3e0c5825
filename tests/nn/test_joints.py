"""Cusps rounded out with differentiable joints: ReLU with a radius, smooth pooling."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.inspect.gradcheck import check_gradients
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.shapes import pair


@pytest.fixture
def value_and_slope(make_context, gradients):
    """value_and_slope(layer, x): the output and its derivative, entry by entry."""

    def run(layer, x):
        x = np.asarray(x)
        y, slope, _ = gradients(layer, x[:, None], {}, np.ones_like(x)[:, None], make_context())
        return y[:, 0], slope[:, 0]

    return run


# ReLU ----------------------------------------------------------------------------------------


def test_a_joint_by_hand(value_and_slope):
    y, slope = value_and_slope(ReLU(radius=2), [-5.0, -2, -1, 0, 1, 2, 5])
    np.testing.assert_array_equal(y, [0, 0, 1 / 8, 1 / 2, 9 / 8, 2, 5])
    np.testing.assert_array_equal(slope, [0, 0, 1 / 4, 1 / 2, 3 / 4, 1, 1])


@pytest.mark.parametrize("radius", [1e-3, 0.3, 50.0])
def test_value_and_derivative_are_continuous_at_the_ends_of_a_joint(radius, value_and_slope):
    for end in (-radius, radius):
        x = np.array([np.nextafter(end, -np.inf), end, np.nextafter(end, np.inf)])
        for found in value_and_slope(ReLU(radius=radius), x):
            assert np.ptp(found) <= 1e-12 * max(1, radius)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outside_the_joint_it_is_exactly_the_relu(dtype, value_and_slope):
    x = np.array([-1e30, -7.3, -0.101, 0.101, 7.3, 1e30], dtype=dtype)
    sharp, joint = value_and_slope(ReLU(), x), value_and_slope(ReLU(radius=0.1), x)
    np.testing.assert_array_equal(joint, sharp)


def test_it_tends_to_the_relu_as_the_radius_tends_to_zero(value_and_slope):
    x = np.linspace(-1, 1, 2001)
    for radius in (0.5, 1e-2, 1e-5):
        apart = value_and_slope(ReLU(radius=radius), x)[0] - np.maximum(x, 0)
        assert apart.min() >= 0 and apart.max() == pytest.approx(radius / 4, rel=1e-9)


def test_only_a_sharp_relu_has_branches():
    assert ReLU(radius=0.1).branches(np.array([0.0])) is None
    assert ReLU(radius=0.0).branches(np.array([0.0])) is not None


# Smooth pooling ------------------------------------------------------------------------------


def pooled(layer, x, make_context):
    return layer.forward(x, {}, make_context())[0].copy()


def images(seed=0, shape=(3, 6, 6, 4)):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("window", [2, 3, (1, 2)])
@pytest.mark.parametrize("beta", [0.1, 1.0, 30.0, 1e4])
def test_smooth_pooling_is_above_the_maximum_by_log_window_over_beta_at_most(
    window, beta, make_context
):
    layer = MaxPool(window=window, stride=1, smooth=beta)
    above = pooled(layer, images(), make_context) - pooled(
        MaxPool(window=window, stride=1), images(), make_context
    )
    assert above.min() >= 0
    assert above.max() <= np.log(np.prod(pair(layer.window))) / beta + 1e-12
    tied = pooled(layer, np.ones((1, 6, 6, 1)), make_context) - 1
    np.testing.assert_allclose(tied, np.log(np.prod(pair(layer.window))) / beta, rtol=1e-9)


def test_the_gradient_of_a_window_is_its_soft_max(make_context, gradients):
    x, beta = np.array([1.0, 2.0, 4.0, 1.5]), 0.7
    _, dx, _ = gradients(
        MaxPool(window=2, smooth=beta),
        x.reshape(1, 2, 2, 1),
        {},
        np.full((1, 1, 1, 1), 3.0),
        make_context(),
    )
    weights = np.exp(beta * x) / np.exp(beta * x).sum()
    np.testing.assert_allclose(dx.ravel(), 3 * weights, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_inputs_leave_it_finite(dtype, make_context, gradients):
    x = np.array([[3e37, -3e37], [1e20, 1e20], [0, -1e-30]], dtype=dtype).reshape(3, 1, 2, 1)
    dy = np.ones((3, 1, 1, 1), dtype=dtype)
    y, dx, _ = gradients(MaxPool(window=(1, 2), smooth=2.0), x, {}, dy, make_context())
    np.testing.assert_allclose(y.ravel(), [3e37, 1e20, np.log(2) / 2], rtol=1e-6)
    np.testing.assert_array_equal(dx[:, 0, :, 0], [[1, 0], [0.5, 0.5], [0.5, 0.5]])


def test_pooling_has_branches_only_where_it_is_sharp():
    assert MaxPool(window=2, smooth=10).branches(np.zeros((1, 2, 2, 1))) is None


def test_the_stride_is_the_window_unless_given():
    assert MaxPool(window=(3, 2)).stride == (3, 2)
    assert MaxPool(window=3, stride=(2, 1), smooth=4.0).stride == (2, 1)


# Together ------------------------------------------------------------------------------------


def test_a_rounded_network_passes_the_gradient_check_without_exceptions(make_network):
    """Data full of zeros, where every cusp of the sharp network is met."""
    layers = [
        Conv(filters=3, kernel=3),
        ReLU(radius=0.1),
        MaxPool(window=2, smooth=5),
        Flatten(),
        Dense(units=3),
        Softmax(),
    ]
    network = make_network(layers, (6, 6, 2), 3)
    w = network.initial_parameters(0)
    x = np.random.default_rng(0).integers(0, 2, size=(6, 6, 6, 2)).astype(float)
    x[:3] = 0
    for report in check_gradients(network, w, x, np.arange(6) % 3, entries="all"):
        assert report.passed
        assert report.kinks == 0
        assert report.checked == report.entries
