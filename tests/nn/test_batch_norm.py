"""Batch normalisation in networks: workers, groups, frozen layers, folding."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from batch_norm_cases import BLOCKS, KEY, PLAIN, conv, data, network, start
from layer_passes import make_context

from cnntrain.errors import UsageError
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import (
    BatchNorm,
    Dense,
    Flatten,
    ReLU,
    Softmax,
)
from cnntrain.nn.samples import ArraySamples


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
