"""The risk of a batch: every question is answered with the random choices of the same step."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from cnntrain.nn.layers import Dense, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples
from cnntrain.optim.objective import Objective


class Noise(ReLU):
    """Multiplies the outputs in training by a number drawn at random for each step."""

    type: Literal["noise"] = "noise"

    def forward(self, x, w, context):
        factor = 1 + context.permutation(999, "noise")[0] if context.training else 1
        return factor * x, factor if context.training else None

    def backward(self, dy, cache, w, dw, context, need_dx=True):
        return cache * dy


@pytest.fixture
def noisy():
    network = Network([Dense(units=2), Noise()], Quadratic(), (3,), 2, np.dtype(float), chunk=1)
    rng = np.random.default_rng(0)
    samples = ArraySamples(rng.normal(size=(8, 3)), rng.normal(size=(8, 2)))
    return network, network.initial_parameters(0), samples


def test_the_totals_are_those_that_the_gradient_is_of(noisy):
    network, w, samples = noisy
    seen = set()
    for step in range(10):
        objective = Objective(network, samples, (0, 0, step))
        totals = objective.totals(w)
        assert totals == objective.gradient(w)[0]
        assert objective.risk(w) == totals.risk
        seen.add(totals.loss)
    assert len(seen) == 10
    assert network.measure(w, samples)[0].loss not in seen


@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 1e36), (np.float64, 1e200)])
def test_a_gradient_is_finite_if_its_entries_are(dtype, size):
    """Their sum, or that of their squares, may well be beyond the range of their type."""
    network = Network(
        [Dense(units=2, init="zeros"), Softmax()], CrossEntropy(), (2000,), 2, np.dtype(dtype)
    )
    samples = ArraySamples(np.full((1, 2000), size), np.zeros(1, dtype=np.int64))
    w = network.initial_parameters(0)
    objective = Objective(network, samples, (0, 0, 0), norms=True)
    gradient = objective.gradient(w)[1]
    assert np.abs(gradient).max() == pytest.approx(size / 2)
    assert objective.gradient_norm == pytest.approx(size / 2 * np.sqrt(4000))
