"""Initial weights: their statistics, and pinned values that no change may move."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.initializers import INITIALIZERS

SHAPE = (200, 300)


def initial_weight(init, *arguments):
    """Weights by an initializer as a config writes it."""
    return INITIALIZERS.validate(init).weight(*arguments)


@pytest.mark.parametrize(
    ("init", "std"),
    [
        ("he_normal", np.sqrt(2 / 50)),
        ({"type": "he_normal"}, np.sqrt(2 / 50)),
        ("glorot_uniform", np.sqrt(6 / (50 + 30)) / np.sqrt(3)),
        ({"type": "gaussian", "std": 0.01}, 0.01),
    ],
)
def test_mean_is_zero_and_spread_as_promised(init, std):
    weight = initial_weight(init, SHAPE, 50, 30, "key")
    assert (weight.shape, weight.dtype) == (SHAPE, np.float64)
    count = weight.size
    assert abs(weight.mean()) < 5 * std / np.sqrt(count)
    assert weight.std() == pytest.approx(std, rel=5 / np.sqrt(2 * count))


def test_glorot_uniform_fills_its_interval_and_no_more():
    weight = initial_weight("glorot_uniform", SHAPE, 50, 30, "key")
    limit = np.sqrt(6 / 80)
    assert 0.999 * limit < weight.max() <= limit
    assert -limit <= weight.min() < -0.999 * limit


def test_he_normal_has_the_tails_of_a_normal_distribution():
    weight = initial_weight("he_normal", SHAPE, 2, 0, "key")  # standard deviation 1
    for bound, fraction in [(1, 0.3173), (2, 0.0455), (3, 0.0027)]:
        found = np.mean(np.abs(weight) > bound)
        assert found == pytest.approx(fraction, abs=5 * np.sqrt(fraction / weight.size))


def test_constant_is_constant():
    weight = initial_weight({"type": "constant", "value": 0.25}, (2, 3), 1, 1, "key")
    np.testing.assert_array_equal(weight, np.full((2, 3), 0.25))


def test_the_key_decides():
    first, again, other = (initial_weight("he_normal", (4, 4), 4, 4, *key) for key in "aab")
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_units_that_start_alike_are_told_apart_from_those_that_do_not():
    alike = {kind.word() for kind in INITIALIZERS if not kind.breaks_symmetry}
    assert alike == {"zeros", "constant"}


@pytest.mark.parametrize(
    ("init", "expected"),
    [
        (
            "he_normal",
            [-1.315640591755238, 0.7048579389338541, -0.7890047449714891, -0.3074903263735989],
        ),
        (
            "glorot_uniform",
            [-0.46959541400214977, 0.5977242234032263, 0.210598957447054, 1.0643783644540408],
        ),
    ],
)
def test_values_stay_what_they_are(init, expected):
    weight = initial_weight(init, (2, 2), 2, 2, "initial weights", 0, "conv1", "weight")
    np.testing.assert_allclose(weight.ravel(), expected, rtol=1e-14)
