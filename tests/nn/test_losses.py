"""Losses: values by hand, derivatives by central differences, totals over samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnntrain.nn.layers.softmax import softmax
from cnntrain.nn.losses import LOSSES, BatchTotals, CrossEntropy, Quadratic
from cnntrain.nn.losses.quadratic import one_hot


def test_cross_entropy_is_minus_the_logarithm_of_the_true_class_probability():
    z = np.log([[0.2, 0.5], [0.3, 0.25], [0.5, 0.25]]) + 7.0  # soft-max ignores the 7
    values = CrossEntropy().values(z, np.array([2, 1]))
    np.testing.assert_allclose(values, [-math.log(0.5), -math.log(0.25)], rtol=1e-14)


def test_smoothed_labels_by_hand():
    """0.7 of a label stays, 0.1 goes to each of three classes: the label keeps 0.8."""
    p = np.array([[0.2, 0.5], [0.3, 0.25], [0.5, 0.25]])
    z, y, loss = np.log(p) + 7.0, np.array([2, 1]), CrossEntropy(label_smoothing=0.3)
    q = np.array([[0.1, 0.1], [0.1, 0.8], [0.8, 0.1]])
    np.testing.assert_allclose(loss.values(z, y), -(q * np.log(p)).sum(axis=0), rtol=1e-14)
    np.testing.assert_allclose(loss.gradient(z, y), p - q, rtol=1e-14)
    np.testing.assert_array_equal(loss.outputs(z), CrossEntropy().outputs(z))
    at_best = loss.values(np.log(q), y)  # the entropy of q, which no other p gets below
    np.testing.assert_allclose(at_best, -(q * np.log(q)).sum(axis=0), rtol=1e-14)


def test_without_smoothing_not_a_bit_is_different():
    z, y = np.random.default_rng(0).normal(size=(10, 50)).astype("f4"), np.arange(50) % 10
    loss = CrossEntropy()
    shifted = z - z.max(axis=0)
    values = np.log(np.exp(shifted).sum(axis=0)) - shifted[y, np.arange(50)]
    np.testing.assert_array_equal(loss.values(z, y), values)
    np.testing.assert_array_equal(loss.gradient(z, y), softmax(z) - one_hot(y, 10))


def test_cross_entropy_hands_out_the_soft_max_as_outputs():
    z = np.log([[0.2, 0.5], [0.3, 0.25], [0.5, 0.25]])
    np.testing.assert_allclose(CrossEntropy().outputs(z), np.exp(z), rtol=1e-14)


def test_cross_entropy_stays_exact_for_scores_of_any_size():
    z = np.array([[1000.0, -1000.0], [0.0, 0.0]])
    loss = CrossEntropy()
    np.testing.assert_array_equal(loss.values(z, np.array([1, 0])), [1000, 1000])
    np.testing.assert_array_equal(loss.values(z, np.array([0, 1])), [0, 0])
    np.testing.assert_array_equal(loss.gradient(z, np.array([1, 0])), [[1, -1], [-1, 1]])


def test_quadratic_is_the_sum_of_squares_without_a_half():
    p, y = np.array([[1.0, 0.0], [2.0, 5.0]]), np.array([[0.0, 4.0], [0.0, 1.0]])
    np.testing.assert_array_equal(Quadratic().values(p, y), [1 + 4, 0 + 16])
    np.testing.assert_array_equal(Quadratic().gradient(p, y), [[2, 0], [-4, 8]])
    np.testing.assert_array_equal(Quadratic().outputs(p), p)


def test_quadratic_takes_a_label_for_its_one_hot_encoding():
    p = np.array([[0.5, 0.0], [0.25, 1.0], [0.25, 0.0]])
    np.testing.assert_array_equal(Quadratic().values(p, np.array([0, 2])), [0.375, 2.0])


EACH = [*(kind() for kind in LOSSES), CrossEntropy(label_smoothing=0.2)]
each = pytest.mark.parametrize("loss", EACH, ids=repr)


@pytest.mark.parametrize("targets", ["labels", "vectors"])
@each
def test_the_derivative_equals_central_differences(loss, targets, numeric_gradient):
    if loss.needs_labels:
        targets = "labels"  # a class is all that it is defined for
    rng = np.random.default_rng(0)
    z = rng.normal(size=(4, 5))
    y = rng.integers(0, 4, size=5) if targets == "labels" else rng.normal(size=(5, 4))
    numeric = numeric_gradient(lambda: float(loss.values(z, y).sum()), z)
    before = z.copy()
    np.testing.assert_allclose(loss.gradient(z, y), numeric, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(z, before)


@each
def test_the_hessian_product_equals_central_differences_of_the_derivative(loss):
    rng, h = np.random.default_rng(0), 1e-6
    z, direction, y = rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.integers(0, 4, size=5)
    numeric = (loss.gradient(z + h * direction, y) - loss.gradient(z - h * direction, y)) / (2 * h)
    before = direction.copy()
    product = loss.hessian_product(z, y, direction)
    np.testing.assert_allclose(product, numeric, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(direction, before)
    assert not np.shares_memory(product, direction)


@each
def test_no_other_answer_for_all_samples_has_a_smaller_mean_loss(loss):
    rng, y = np.random.default_rng(0), np.array([0, 2, 2, 1, 2, 0])

    def mean_loss(answer):
        return loss.values(np.repeat(answer[:, None], len(y), axis=1), y).mean()

    best = loss.best_constant(np.bincount(y) / len(y))
    others = [mean_loss(best + change) for change in rng.normal(scale=0.1, size=(100, 3))]
    assert mean_loss(best) < min(others)


@each
def test_the_derivative_is_a_new_array_of_the_same_precision(loss):
    z, y = np.ones((3, 2), dtype=np.float32), np.array([0, 2])
    gradient = loss.gradient(z, y)
    assert gradient.dtype == np.float32
    assert not np.shares_memory(gradient, z)
    assert loss.values(z, y).dtype == np.float32


def test_one_hot_has_a_sample_a_column():
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 1], [0, 0], [1, 0]])


def test_totals_count_losses_errors_and_ties():
    p = np.array([[0.5, 0.4, 0.2, 0.4], [0.3, 0.4, 0.2, 0.2], [0.2, 0.2, 0.6, 0.4]])
    result = BatchTotals.of(np.array([1.0, 2.0, 3.0, 4.0]), p, np.array([0, 1, 2, 0]))
    assert result == BatchTotals(
        samples=4, loss=10.0, errors=1, ties=2
    )  # the lowest class wins a tie
    assert (result.risk, result.error) == (2.5, 0.25)


def test_of_mixed_labels_the_largest_share_is_right():
    p, shares = np.eye(3)[:, :2], np.array([[0.5, 0.5, 0.0], [0.2, 0.2, 0.6]])
    assert BatchTotals.of(np.array([1.0, 2.0]), p, shares) == BatchTotals(2, 3.0, errors=1)


def test_totals_add_up():
    assert BatchTotals(2, 1.5, 1, 0) + BatchTotals(3, 0.5, 2, 1) == BatchTotals(5, 2.0, 3, 1)


def test_losses_are_accumulated_in_double_precision():
    losses = np.full(2**12, 1 + 2.0**-20, dtype=np.float32)
    losses[0] = 2.0**20
    exact = 2.0**20 + (2**12 - 1) * (1 + 2.0**-20)
    assert BatchTotals.of(losses, np.ones((2, 2**12)), np.zeros(2**12, dtype=int)).loss == exact


@given(z=arrays(np.float64, (5, 3), elements=st.floats(-1e6, 1e6)))
def test_soft_max_outputs_lie_on_the_simplex(z):
    """Section 1: nonnegative, and they add up to 1, for extreme logits too."""
    for dtype in (np.float32, np.float64):
        p = softmax(z.astype(dtype))
        assert (p >= 0).all()
        np.testing.assert_allclose(p.sum(axis=0), 1, rtol=1e-6)
        assert (p[z.argmax(axis=0), np.arange(3)] == p.max(axis=0)).all()


@given(
    z=arrays(np.float64, (4, 6), elements=st.floats(-20, 20)),
    y=arrays(np.int64, 6, elements=st.integers(0, 3)),
)
def test_the_two_forms_of_cross_entropy_are_equal(z, y):
    """Section 2: -log p_y, and minus the sum over c of q_c(y) log p_c."""
    p = softmax(z)
    first = -np.log(p[y, np.arange(6)])
    second = -(one_hot(y, 4) * np.log(p)).sum(axis=0)
    np.testing.assert_allclose(first, second, rtol=1e-12)
    np.testing.assert_allclose(CrossEntropy().values(z, y), first, rtol=1e-9, atol=1e-9)
