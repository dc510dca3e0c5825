"""The risk of a batch: every question is answered with the random choices of the same step."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from cnntrain.nn.layers import Dense, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy, Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples
from cnntrain.optim.methods import SGD
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


def test_a_gradient_that_is_too_long_is_shortened(noisy):
    """As a whole: its direction stays, and so does one that is no longer than allowed."""
    network, w, samples = noisy
    key = (0, 0, 1)
    plain = Objective(network, samples, key, norms=True)
    gradient = plain.gradient(w)[1]
    length = np.linalg.norm(gradient)
    assert plain.gradient_norm == pytest.approx(length)
    for limit in (0.1 * length, 0.999 * length, 1.001 * length, 10 * length):
        clipped = Objective(network, samples, key, clip=limit)
        found = clipped.gradient(w)[1]
        np.testing.assert_allclose(found, gradient * min(1, limit / length), rtol=1e-12)
        assert clipped.gradient_norm == plain.gradient_norm


def test_as_pytorch_clips(noisy, torch):
    network, w, samples = noisy
    gradient = Objective(network, samples, (0, 0, 1)).gradient(w)[1]
    parts = [torch.zeros(n, dtype=torch.float64) for n in (6, 2)]
    for part, values in zip(parts, np.split(gradient, [6]), strict=True):
        part.grad = torch.tensor(values.copy())
    torch.nn.utils.clip_grad_norm_(parts, 0.25)
    expected = np.concatenate([part.grad.numpy() for part in parts])
    found = Objective(network, samples, (0, 0, 1), clip=0.25).gradient(w)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-5)  # they add 1e-6 to the norm


def test_weight_decay_is_added_to_the_shortened_gradient(noisy):
    network, _, samples = noisy
    w = network.initial_parameters(0)
    expected, clip = w.copy(), 1e-3
    gradient = Objective(network, samples, (0, 0, 1)).gradient(w)[1]
    gradient *= clip / np.linalg.norm(gradient)
    gradient[network.layout.decayed_parts[0]] += 0.5 * w[network.layout.decayed_parts[0]]
    expected -= 0.1 * gradient
    SGD(weight_decay=0.5).step(w, Objective(network, samples, (0, 0, 1), clip=clip), 0.1, {})
    np.testing.assert_allclose(w, expected, rtol=1e-12)
