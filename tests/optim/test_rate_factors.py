"""Layers whose parameters move at a rate of their own: the groups of parameters of PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.layers import Dense, Tanh
from cnntrain.nn.losses import Quadratic
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples
from cnntrain.optim.objective import Objective

FACTORS = (0.1, 1.0, 5.0)
ROWS = [
    ("sgd", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ("nesterov", {"momentum": 0.9}, "SGD", {"momentum": 0.9, "nesterov": True}),
    ("adam", {}, "Adam", {}),
    ("adamw", {}, "AdamW", {}),
    ("adagrad", {}, "Adagrad", {}),
    ("rmsprop", {}, "RMSprop", {}),
]


def build(factors, dtype=np.float64):
    """Three dense layers, and a batch."""
    layers = []
    for factor in factors:
        layers += [Dense(units=3, bias=False, rate_factor=factor), Tanh()]
    network = Network(layers[:-1], Quadratic(), (3,), 3, np.dtype(dtype))
    x, y = np.random.default_rng(0).normal(size=(2, 8, 3)).astype(dtype)
    return network, ArraySamples(x, y), network.initial_parameters(0)


def objective(network, samples, step):
    return Objective(network, samples, (0, 0, step))


@pytest.mark.parametrize(("kind", "settings", "name", "theirs"), ROWS)
def test_equal_to_a_group_of_parameters_with_a_rate(
    kind, settings, name, theirs, make_optimizer, torch
):
    network, samples, w = build(FACTORS)
    ours = make_optimizer(kind, weight_decay=0.1, **settings)
    state = ours.start(w)
    groups = [torch.tensor(part, requires_grad=True) for part in np.split(w.copy(), 3)]
    optimizer = getattr(torch.optim, name)(
        [{"params": [g], "lr": 0.01 * f} for g, f in zip(groups, FACTORS, strict=True)],
        **{**theirs, "weight_decay": 0.1},
    )
    start = w.copy()
    for step in range(50):
        flat = np.concatenate([group.detach().numpy() for group in groups])
        gradient = objective(network, samples, step).gradient(flat)[1]
        for group, part in zip(groups, np.split(gradient, 3), strict=True):
            group.grad = torch.tensor(part.copy())
        optimizer.step()
        ours.step(w, objective(network, samples, step), 0.01, state)
    expected = np.concatenate([group.detach().numpy() for group in groups])
    np.testing.assert_allclose(w, expected, rtol=1e-6, atol=1e-9)
    assert np.abs(w - start).max() > 0.01


@pytest.mark.parametrize("kind", ["sgd", "adamw"])
def test_a_factor_of_one_changes_no_bit(kind, make_optimizer):
    found = []
    for factors in ((1.0, 1.0, 1.0), (1.0, 1.0, 2.0)):
        network, samples, w = build(factors, np.float32)
        ours = make_optimizer(kind, weight_decay=0.1)
        ours.step(w, objective(network, samples, 0), 0.01, ours.start(w))
        found.append(w[:18])
    np.testing.assert_array_equal(*found)


def test_layers_of_the_same_rate_are_no_exception():
    assert build((1.0, 1.0, 1.0))[0].layout.rate_factors == []
    assert build((1.0, 0.5, 1.0))[0].layout.rate_factors == [(slice(9, 18), 0.5)]
