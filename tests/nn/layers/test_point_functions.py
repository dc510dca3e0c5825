"""Activations: values and derivatives at the points that their docstrings name, and far out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnntrain.nn.layers import ELU, GELU, LAYERS, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh
from cnntrain.nn.layers.point_function import CACHED, PointFunction

KINDS = [kind for kind in LAYERS if issubclass(kind, PointFunction)]


@pytest.fixture
def value_and_slope(make_context, gradients):
    """value_and_slope(layer, x): the output and its derivative, entry by entry."""

    def run(layer, x):
        x = np.asarray(x)[:, None]
        y, slope, _ = gradients(layer, x, {}, np.ones_like(x), make_context())
        return y[:, 0], slope[:, 0]

    return run


@pytest.mark.parametrize(
    ("layer", "x", "value", "slope"),
    [
        (LeakyReLU(), 0.0, 0, 1),
        (LeakyReLU(derivative_at_zero=0), 0.0, 0, 0.01),
        (LeakyReLU(derivative_at_zero=0.5, slope=0.5), 0.0, 0, 0.75),
        (LeakyReLU(slope=0.5), -3.0, -1.5, 0.5),
        (ELU(), 0.0, 0, 1),
        (ELU(alpha=2), 0.0, 0, 1),
        (ELU(alpha=2), -1.0, 2 * (math.exp(-1) - 1), 2 * math.exp(-1)),
        (GELU(), 0.0, 0, 1 / 2),
        (GELU(), -0.7517915246935645, -0.16997120747990369, 0),
        (GELU(), 1.0, 0.8413447460685429, 0.8413447460685429 + 0.24197072451914337),
        (SiLU(), 0.0, 0, 1 / 2),
        (SiLU(), -1.278464542761074, -0.27846454276107374, 0),
        (Tanh(), 0.0, 0, 1),
        (Sigmoid(), 0.0, 1 / 2, 1 / 4),
        (Sigmoid(), math.log(3), 3 / 4, 3 / 16),
    ],
)
def test_at_special_points(layer, x, value, slope, value_and_slope):
    found, found_slope = value_and_slope(layer, [x])
    np.testing.assert_allclose(found, [value], rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(found_slope, [slope], rtol=1e-14, atol=1e-15)


LEFT = {"relu": (0, 0), "elu": (-1, 0), "tanh": (-1, 0)}  # what h and h' tend to
RIGHT = {"tanh": (1, 0), "sigmoid": (1, 0)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word())
def test_far_out_they_are_finite_and_near_their_limits(kind, dtype, value_and_slope):
    far = np.array([50, 1e4, 1e30, np.finfo(dtype).max], dtype=dtype)
    left, right = value_and_slope(kind(), -far), value_and_slope(kind(), far)
    if kind is LeakyReLU:
        np.testing.assert_allclose(left, [-far * dtype(0.01), np.full(4, 0.01, dtype)], rtol=1e-6)
    else:
        for found, limit in zip(left, LEFT.get(kind.word(), (0, 0)), strict=True):
            np.testing.assert_allclose(found, limit, atol=1e-18)
    for found, limit in zip(right, RIGHT.get(kind.word(), (far, 1)), strict=True):
        np.testing.assert_allclose(found, np.broadcast_to(limit, 4), atol=1e-18)


@pytest.mark.parametrize("kind", [Sigmoid, SiLU, GELU], ids=lambda kind: kind.word())
def test_small_values_keep_their_digits(kind, value_and_slope):
    """Not 0 where 1 - s(x) would round to 0, nor a difference of numbers near 1."""
    value, _ = value_and_slope(kind(), [-30.0])
    small = math.exp(-30) / (1 + math.exp(-30))
    exact = {Sigmoid: small, SiLU: -30 * small, GELU: -15 * math.erfc(30 / math.sqrt(2))}
    np.testing.assert_allclose(value, [exact[kind]], rtol=1e-12)


def test_a_kink_has_branches_and_a_smooth_function_none():
    sharp = {kind.word() for kind in KINDS if kind().branches(np.array([0.0])) is not None}
    assert sharp == {"relu", "leaky_relu"}
    assert ELU(alpha=2).branches(np.array([0.0])) is not None


@pytest.mark.parametrize("kind", [ReLU, *KINDS], ids=lambda kind: kind.word())
def test_in_place_and_in_parts_they_are_the_same(kind, make_context):
    """Over arrays that are larger than what is computed in one go, and over strided ones."""
    wide = np.random.default_rng(0).normal(size=(5, 3, CACHED // 4 + 3, 2))
    x, context = wide[:, 1:], make_context()
    y, slope = (found.copy() for found in kind().forward(x, {}, context))
    row, row_slope = kind().forward(x[2:3, :, :7].copy(), {}, make_context())
    np.testing.assert_array_equal(y[2:3, :, :7], row)
    np.testing.assert_array_equal(slope[2:3, :, :7], row_slope)
    context.overwrite = True
    inside, slope_inside = kind().forward(x, {}, context)
    assert np.shares_memory(inside, wide)
    np.testing.assert_array_equal(inside, y)
    np.testing.assert_array_equal(slope_inside, slope)


def test_a_hidden_sigmoid_is_no_soft_max():
    assert not Sigmoid.outputs_probabilities
