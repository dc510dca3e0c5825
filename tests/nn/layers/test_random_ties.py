"""Random ties of max-pooling: each tied input equally often, by the draw alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cnntrain.nn.layers import MaxPool

DRAWS = 4000


def winners(window, image, draws, make_context, stride=None):
    """How often each input receives the gradient of the one window on `image`."""
    layer = MaxPool(window=window, stride=stride or window)
    x = np.asarray(image, dtype=float)[None, :, :, None]
    dy = np.ones((*layer.output_shape(x.shape[:3]), 1))
    count = Counter()
    for draw in draws:
        context = make_context(rng_key=draw)
        dx = layer.backward(dy.copy(), layer.forward(x, {}, context)[1], {}, {}, context)
        (winner,) = np.flatnonzero(dx)
        assert dx.ravel()[winner] == 1
        count[int(winner)] += 1
    return count


def chi_square(count, tied):
    expected = DRAWS / len(tied)
    return sum((count[place] - expected) ** 2 / expected for place in tied)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    ("window", "image", "tied"),
    [
        (2, [[0, 0], [0, 0]], [0, 1, 2, 3]),
        (2, [[5, 1], [5, 5]], [0, 2, 3]),
        ((1, 3), [[2, 2, -1]], [0, 1]),
        (3, np.eye(3), [0, 4, 8]),
    ],
)
def test_each_tied_input_is_chosen_equally_often(window, image, tied, place, make_context):
    """Whichever part of the draw varies: seed, epoch, step, chunk or layer."""
    draws = [tuple(i if part == place else 7 for part in range(5)) for i in range(DRAWS)]
    count = winners(window, image, draws, make_context)
    assert set(count) == set(tied)
    assert chi_square(count, tied) < 20  # at most 3 degrees of freedom: 1 in 5000


def test_the_choice_is_a_function_of_the_draw(make_context):
    draws = [(0, 0, step, 0, 1) for step in range(200)]
    image = np.zeros((3, 3))
    chosen = [winners(3, image, [draw], make_context) for draw in draws]
    again = [winners(3, image, [draw], make_context) for draw in reversed(draws)][::-1]
    assert chosen == again
    assert len({place for count in chosen for place in count}) == 9


def test_inputs_that_are_not_tied_are_never_chosen(make_context):
    draws = [(0, 0, step, 0, 1) for step in range(50)]
    assert winners(2, [[1, 2], [4, 3]], draws, make_context) == {2: 50}


def test_the_whole_gradient_arrives_however_windows_overlap(make_context):
    x = np.random.default_rng(0).integers(0, 2, size=(3, 9, 9, 4)).astype(float)
    x[:, 1::2, 1::2] = 1  # one at least in every window
    layer = MaxPool(window=3, stride=2)
    dy = np.random.default_rng(1).normal(size=(3, 4, 4, 4))
    for step in range(20):
        context = make_context(rng_key=(0, 0, step, 0))
        dx = layer.backward(dy.copy(), layer.forward(x, {}, context)[1], {}, {}, context)
        assert not np.any(dx[x == 0])
        np.testing.assert_allclose(dx.sum(axis=(1, 2)), dy.sum(axis=(1, 2)), atol=1e-12)
