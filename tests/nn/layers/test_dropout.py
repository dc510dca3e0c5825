"""The masks of dropout: fair, and a function of seed, epoch, step, sample and layer alone."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.errors import UsageError
from cnntrain.nn.inspect.gradcheck import check_gradients
from cnntrain.nn.layers import Conv, Dense, Dropout, Flatten, ReLU, Softmax
from cnntrain.nn.note.algorithm1 import backprop

LAYERS = [
    Dropout(rate=0.1),
    Conv(filters=4, kernel=3),
    ReLU(),
    Dropout(rate=0.3),
    Flatten(),
    Dense(units=8),
    ReLU(),
    Dropout(rate=0.5),
    Dense(units=3),
    Softmax(),
]


@pytest.fixture
def network(make_network):
    """network(chunk=, workers=): with dropout of inputs, images and vectors."""
    return lambda **settings: make_network(LAYERS, (6, 6, 2), 3, **settings)


def mask(make_context, rate=0.3, shape=(40, 50), n=8, key=(0, 0, 0, 0), start=0):
    """1 where an entry is kept."""
    context = make_context(rng_key=key, start=start)
    return Dropout(rate=rate).forward(np.ones((*shape, n)), {}, context)[0] > 0


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.9])
def test_entries_are_left_out_with_the_probability_asked_for(rate, make_context):
    kept = mask(make_context, rate)
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(rate * (1 - rate) / kept.size)
    for axis in range(3):  # every row, column and sample by itself
        share = kept.mean(axis=tuple({0, 1, 2} - {axis}))
        count = kept.size // kept.shape[axis]
        assert np.abs(share - (1 - rate)).max() < 5 * np.sqrt(rate * (1 - rate) / count)


@pytest.mark.parametrize("part", ["seed", "epoch", "step", "layer", "sample"])
def test_other_masks_for_another(part, make_context):
    """Independent ones: two masks agree in as many entries as chance has it."""
    place = {"seed": 0, "epoch": 1, "step": 2, "layer": 3}.get(part)
    key = [7, 7, 7, 7]
    first = mask(make_context, 0.5, key=tuple(key), n=1)
    if place is None:
        other = mask(make_context, 0.5, key=tuple(key), n=1, start=1)
    else:
        key[place] = 8
        other = mask(make_context, 0.5, key=tuple(key), n=1)
    assert abs((first == other).mean() - 0.5) < 5 * 0.5 / np.sqrt(first.size)


def test_the_chunk_decides_nothing(make_context):
    whole = mask(make_context, shape=(13,), n=10)
    parts = [
        mask(make_context, shape=(13,), n=stop - start, start=start)
        for start, stop in [(0, 3), (3, 4), (4, 10)]
    ]
    np.testing.assert_array_equal(np.concatenate(parts, axis=-1), whole)


@pytest.mark.parametrize("chunk", [1, 2, 7, 22])
def test_gradients_agree_for_any_chunk(chunk, network, tiny_data, random_parameters):
    whole, cut = network(chunk=23), network(chunk=chunk)
    w, (x, y) = random_parameters(whole), tiny_data(23)
    found, other = (n.loss_and_gradient(w, x, y, rng_key=(3, 2, 1)) for n in (whole, cut))
    assert other[0] == pytest.approx(found[0], rel=1e-13)
    np.testing.assert_allclose(other[1], found[1], rtol=1e-11, atol=1e-15)


def test_in_evaluation_it_does_nothing(network, make_network, tiny_data, random_parameters):
    w, (x, y) = random_parameters(network()), tiny_data(9)
    others = [layer for layer in LAYERS if not isinstance(layer, Dropout)]
    without = make_network(others, (6, 6, 2), 3)
    np.testing.assert_array_equal(network().predict(w, x), without.predict(w, x))
    keys = [(0, 0, step) for step in range(400)]
    risks = [network().loss_and_gradient(w, x, y, rng_key=key)[0] for key in keys]
    assert len(set(risks)) == len(risks)


def test_inputs_are_not_written_over(make_network):
    """Of a network that begins with dropout, for arrays that need no conversion."""
    network = make_network([Dropout(rate=0.5), ReLU(), Dense(units=2)], (3,), 2, "quadratic")
    x = np.array([[-1.0, 2, -3]])
    network.predict(network.initial_parameters(0), x)
    network.loss_and_gradient(network.initial_parameters(0), x, np.ones((1, 2)))
    np.testing.assert_array_equal(x, [[-1, 2, -3]])


def test_with_the_masks_of_one_key_the_gradient_passes_the_check(
    network, tiny_data, random_parameters
):
    x, y = tiny_data(6)
    reports = check_gradients(network(), random_parameters(network()), x, y, rng_key=(5, 4, 3))
    assert all(report.passed for report in reports)


def test_algorithm_1_refuses_it(network, tiny_data):
    with pytest.raises(UsageError, match=r"^Algorithm 1 has no layer 'dropout', only "):
        backprop(zip(*tiny_data(2), strict=True), network().initial_parameters(0), network())
