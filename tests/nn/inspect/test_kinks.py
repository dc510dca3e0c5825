"""What layers do where they are not differentiable: a ReLU at 0, a max-pooling with ties."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_relu_has_the_chosen_derivative_at_zero(at_zero, make_context, gradients):
    x = np.array([[-2.0], [-0.0], [0.0], [3.0]])
    _, dx, _ = gradients(
        ReLU(derivative_at_zero=at_zero), x, {}, np.full((4, 1), 10.0), make_context()
    )
    np.testing.assert_array_equal(dx[:, 0], [0, 10 * at_zero, 10 * at_zero, 10])


def test_relu_takes_derivative_1_at_zero_unless_told_otherwise():
    assert ReLU().derivative_at_zero == 1


def test_relu_decides_by_the_sign():
    np.testing.assert_array_equal(ReLU().branches(np.array([-3.0, 0.0, 2.0])), [-1, 0, 1])


@pytest.fixture
def pool_gradient(make_context, gradients):
    """pool_gradient(ties, image, dy, window, stride): dl/dx for one image of one channel."""

    def run(ties, image, dy, window=2, stride=None):
        x = np.asarray(image, dtype=float)[None, :, :, None]
        dy = np.asarray(dy, dtype=float)[None, :, :, None]
        layer = MaxPool(window=window, stride=stride or window, ties=ties)
        return gradients(layer, x, {}, dy, make_context())[1][0, :, :, 0]

    return run


def test_max_pool_gives_a_tie_to_the_first_in_row_order(pool_gradient):
    image = [[1, 7, 0, 0], [7, 7, 0, 0]]
    dx = pool_gradient("first", image, [[5, 3]])
    np.testing.assert_array_equal(dx, [[0, 5, 3, 0], [0, 0, 0, 0]])


def test_max_pool_splits_a_tie_in_equal_parts(pool_gradient):
    image = [[1, 7, 0, 0], [7, 7, 0, 0]]
    dx = pool_gradient("split", image, [[6, 4]])
    np.testing.assert_array_equal(dx, [[0, 2, 1, 1], [2, 2, 1, 1]])


def test_max_pool_gives_a_random_tie_whole_to_one_of_the_largest(pool_gradient):
    image = [[1, 7, 0, 0], [7, 7, 0, 0]]
    dx = pool_gradient("random", image, [[6, 4]])
    left, right = dx[:, :2], dx[:, 2:]
    assert sorted(left.ravel()) == [0, 0, 0, 6] and left[0, 0] == 0
    assert sorted(right.ravel()) == [0, 0, 0, 4]


def test_overlapping_windows_add_up_in_a_shared_maximum(pool_gradient):
    image = [[0, 0, 0], [0, 9, 0], [0, 0, 0]]
    for ties in ("random", "first", "split"):
        dx = pool_gradient(ties, image, [[1, 2], [3, 4]], window=2, stride=1)
        np.testing.assert_array_equal(dx, [[0, 0, 0], [0, 10, 0], [0, 0, 0]])


def test_overlapping_windows_settle_their_ties_apart(pool_gradient):
    dx = pool_gradient("first", np.zeros((1, 3)), [[1, 2]], window=(1, 2), stride=1)
    np.testing.assert_array_equal(dx, [[1, 2, 0]])
    dx = pool_gradient("split", np.zeros((1, 3)), [[1, 2]], window=(1, 2), stride=1)
    np.testing.assert_array_equal(dx, [[0.5, 1.5, 1]])


def test_rows_that_no_window_covers_get_no_gradient(pool_gradient):
    dx = pool_gradient("first", np.arange(15).reshape(3, 5), [[1, 2]])
    np.testing.assert_array_equal(dx, [[0] * 5, [0, 1, 0, 2, 0], [0] * 5])


def test_max_pool_decides_by_the_places_of_the_maximum():
    x = np.array([[1.0, 4.0], [4.0, 2.0]])[None, :, :, None]
    decisions = MaxPool(window=2).branches(x)
    np.testing.assert_array_equal(decisions.ravel(), [False, True, True, False])


@pytest.mark.parametrize("layer", [Conv(filters=1, kernel=1), Dense(units=1), Flatten(), Softmax()])
def test_smooth_layers_decide_nothing(layer):
    assert layer.branches(np.ones((1, 1, 1, 1))) is None


def test_softmax_is_finite_for_scores_of_any_size(make_context):
    z = np.array([[1e4, -1e4, 0.0], [0.0, -1e4, 0.0]])
    p, _ = Softmax().forward(z, {}, make_context())
    np.testing.assert_array_equal(p, [[1, 0.5, 0.5], [0, 0.5, 0.5]])
