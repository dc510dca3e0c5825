"""Batch normalisation in networks equals PyTorch's, where PyTorch is installed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from batch_norm_cases import BLOCKS, PLAIN, data, network, start
from torch import nn

from cnntrain.nn.samples import ArraySamples


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
