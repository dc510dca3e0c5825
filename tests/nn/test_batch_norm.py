"""Batch normalisation in networks: PyTorch's numbers, chunks, frozen layers, folding."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from layer_contracts import make_context
from torch import nn

from cnntrain.errors import UsageError
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    MaxPool,
    ReLU,
    Residual,
    Softmax,
)
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network
from cnntrain.nn.samples import ArraySamples

KEY = (0, 0, 0)


def conv(filters, stride=1):
    return Conv(filters=filters, kernel=3, stride=stride, padding=1, bias=False)


PLAIN = [
    *[Conv(filters=6, kernel=3), BatchNorm(), ReLU(), MaxPool(window=2, ties="first")],
    *[BatchNorm(epsilon=0.1, momentum=0.3), Flatten(), Dense(units=7), BatchNorm(), ReLU()],
    *[Dense(units=5), Softmax()],
]
BLOCKS = [
    *[conv(8), BatchNorm(), ReLU()],
    Residual(layers=(conv(8), BatchNorm(), ReLU(), conv(8), BatchNorm())),
    ReLU(),
    Residual(
        layers=(conv(12, 2), BatchNorm(), ReLU(), conv(12), BatchNorm()),
        shortcut=(Conv(filters=12, kernel=1, stride=2, bias=False), BatchNorm()),
    ),
    *[ReLU(), AvgPool(window="all"), Flatten(), Dense(units=5), Softmax()],
]


def network(layers, engine, **settings):
    dtype = np.dtype(settings.pop("dtype", "f8"))
    return Network(layers, CrossEntropy(), (12, 10, 3), 5, dtype, engine, **settings)


def data(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 12, 10, 3)), rng.integers(0, 5, n)


def start(net, seed=1):
    w = net.initial_parameters(seed)
    return w + 0.1 * np.random.default_rng(seed).normal(size=w.size).astype(w.dtype)


class Block(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, filters, 3, stride, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.shortcut = nn.Identity()
        if inputs != filters:
            short = nn.Conv2d(inputs, filters, 1, stride, bias=False)
            self.shortcut = nn.Sequential(short, nn.BatchNorm2d(filters))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def plain():
    first = [nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2)]
    norm = nn.BatchNorm2d(6, eps=0.1, momentum=0.3)
    last = [nn.Flatten(), nn.Linear(120, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, 5)]
    return nn.Sequential(*first, norm, *last)


def blocks():
    first = [nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()]
    middle = [Block(8, 8, 1), Block(8, 12, 2)]
    return nn.Sequential(*first, *middle, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 5))


@pytest.mark.parametrize("n", [8, 75])
@pytest.mark.parametrize(("layers", "make"), [(PLAIN, plain), (BLOCKS, blocks)])
def test_risk_gradient_running_statistics_and_evaluation_are_those_of_pytorch(
    layers, make, n, either_engine
):
    net = network(layers, either_engine, chunk=16)
    w, buffers, (x, y) = start(net), net.initial_buffers(), data(n)
    model = make().double()
    with torch.no_grad():
        named = net.named_parameters(w).values()
        for parameter, array in zip(model.parameters(), named, strict=True):
            parameter.copy_(torch.tensor(array.reshape(parameter.shape)))
    images = torch.tensor(x.transpose(0, 3, 1, 2))
    for step in range(2):  # the second one begins with statistics of the first
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(images), torch.tensor(y))
        loss.backward()
        expected = np.concatenate([p.grad.numpy().ravel() for p in model.parameters()])
        totals, gradient, noted = net.totals_and_gradient(w, ArraySamples(x, y), (0, 0, step))
        buffers = net.next_buffers(buffers, noted)
        assert totals.risk == pytest.approx(loss.item(), rel=1e-9)
        np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-11)
    running = {name: b.numpy() for name, b in model.named_buffers() if "running" in name}
    found = net.named_buffers(buffers)
    assert [name.split("/")[-1] for name in found] == [n.split(".")[-1] for n in running]
    for array, right in zip(found.values(), running.values(), strict=True):
        np.testing.assert_allclose(array, right, rtol=1e-9, atol=1e-12)
    model.eval()
    p = torch.softmax(model(images), 1).detach().numpy()
    np.testing.assert_allclose(net.predict(w, x, buffers), p, rtol=1e-9)


@pytest.mark.parametrize("layers", [PLAIN, BLOCKS])
def test_workers_change_no_bit(layers, either_engine):
    found = set()
    for workers in (1, 2, 3, 4):
        net = network(layers, either_engine, dtype="f4", chunk=16, workers=Workers(workers))
        (x, y), w = data(75), start(net)
        for n in (75, 18):
            _, gradient, noted = net.totals_and_gradient(w, ArraySamples(x[:n], y[:n]), KEY)
            w -= gradient
        p = net.predict(w, x, net.next_buffers(net.initial_buffers(), noted))
        found.add(w.tobytes() + noted.tobytes() + p.tobytes())
    assert len(found) == 1


@pytest.mark.parametrize("group", [4, 16, 32])
def test_groups_are_batches_of_their_own(group, either_engine):
    """Whatever the chunks, which are whole groups."""
    layers = [conv(6), BatchNorm(group=group), ReLU(), Flatten(), Dense(units=5), Softmax()]
    net = network(layers, either_engine, chunk=5)
    assert all((c.stop - c.start) % group == 0 for c in net.chunks(70)[:-1])
    (x, y), w = data(70), start(net)
    totals, gradient, noted = net.totals_and_gradient(w, ArraySamples(x, y), KEY)
    whole = dataclasses.replace(net, layers=[layers[0], BatchNorm(), *layers[2:]])
    parts = [slice(a, min(a + group, 70)) for a in range(0, 70, group)]
    each = [whole.totals_and_gradient(w, ArraySamples(x[p], y[p]), KEY) for p in parts]
    sizes = [p.stop - p.start for p in parts]
    assert totals.loss == pytest.approx(sum(t.loss for t, _, _ in each), rel=1e-12)
    for found, number in ((gradient, 1), (noted, 2)):
        mean = sum(size * one[number] for size, one in zip(sizes, each, strict=True)) / 70
        np.testing.assert_allclose(found, mean, rtol=1e-9, atol=1e-13)


def test_a_frozen_layer_takes_and_keeps_its_running_statistics(either_engine):
    """Its gradient is 0, and that of the others is that of a network with fixed numbers there."""
    net = network(PLAIN, either_engine, chunk=16, frozen=frozenset({0, 1, 4}))
    (x, y), w, buffers = data(40), start(net), net.initial_buffers()
    buffers += np.random.default_rng(3).uniform(0.1, 0.5, buffers.size)
    _, gradient, noted = net.totals_and_gradient(w, ArraySamples(x, y), KEY, buffers)
    frozen = {"conv1", "batch_norm1", "batch_norm2"}
    for name, array in net.named_parameters(gradient).items():
        assert array.any() == (name.split("/")[0] not in frozen)
    after = net.named_buffers(net.next_buffers(buffers, noted))
    for name, array in net.named_buffers(buffers).items():
        assert (after[name] == array).all() == (name.split("/")[0] in frozen)
    entry = next(e for e in net.parameters if net.names[e.layer] == "dense1")
    at, h = entry.start + 3, 1e-6
    risks = []
    for step in (h, -h):
        moved = w.copy()
        moved[at] += step
        totals, _, _ = net.totals_and_gradient(moved, ArraySamples(x, y), KEY, buffers)
        risks.append(totals.risk)
    assert gradient[at] == pytest.approx((risks[0] - risks[1]) / (2 * h), rel=1e-5)


def test_evaluation_folds_what_follows_a_linear_layer(either_engine):
    """And gives what the layers one by one give."""
    net = network(PLAIN, either_engine)
    (x, _), w, buffers = data(9), start(net), net.initial_buffers()
    buffers += np.random.default_rng(3).uniform(0.1, 0.5, buffers.size)
    assert net._folding.folded == [1, 7]  # not that after the pool
    views = net.layout.views(w, buffers)
    out = np.ascontiguousarray(np.moveaxis(x, (0, 3), (3, 0)))
    for k, layer in enumerate(net.all_layers):
        out, _ = layer.forward(out, views[k], make_context(training=False))
        out = out.copy()
    np.testing.assert_allclose(net.predict(w, x, buffers), out.T, rtol=1e-10)


def test_statistics_need_two_numbers(either_engine):
    net = network(PLAIN, either_engine)
    (x, y), w = data(1), start(net)
    with pytest.raises(UsageError, match=r"layers\.7 \(batch_norm3\) needs .* two numbers"):
        net.loss_and_gradient(w, x, y)


def test_running_statistics_must_be_given(either_engine):
    net = network(PLAIN, either_engine)
    (x, _), w = data(3), start(net)
    with pytest.raises(UsageError, match=r"buffers are missing, expected \(38,\)"):
        net.predict(w, x)
    with pytest.raises(UsageError, match=r"buffers have shape \(3,\)"):
        net.predict(w, x, np.zeros(3))
