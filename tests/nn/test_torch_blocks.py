"""Networks with residual blocks equal those of PyTorch, in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnntrain.nn.layers import Conv, Dense, Flatten, ReLU, Repeat, Residual, Softmax, Tanh


class Basic(nn.Module):
    """The basic block of He et al. 2016, without normalisation, of 4 or from 4 to 6 channels."""

    def __init__(self, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, filters, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1)
        self.conv3 = nn.Conv2d(4, filters, 1, stride) if stride > 1 else None

    def forward(self, x):
        y = self.conv2(torch.relu(self.conv1(x)))
        return torch.relu(y + (x if self.conv3 is None else self.conv3(x)))


class Inner(nn.Module):
    """x + a(x + tanh b(x))."""

    def __init__(self) -> None:
        super().__init__()
        self.b, self.a = nn.Conv2d(6, 6, 1), nn.Conv2d(6, 6, 1)

    def forward(self, x):
        return x + self.a(x + torch.tanh(self.b(x)))


class Vectors(nn.Module):
    """x + relu a(x)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(7, 7)

    def forward(self, x):
        return x + torch.relu(self.a(x))


def basic(filters, stride=1, **settings):
    layers = [Conv(filters=filters, kernel=3, padding=1, stride=stride), ReLU()]
    layers.append(Conv(filters=filters, kernel=3, padding=1))
    return [Residual(layers=layers, **settings), ReLU()]


point = Conv(filters=6, kernel=1)
LAYERS = [
    Conv(filters=4, kernel=3, padding=1),
    Repeat(times=3, layers=basic(4)),
    *basic(6, 2, shortcut=[Conv(filters=6, kernel=1, stride=2)]),
    Residual(layers=[Residual(layers=[point, Tanh()]), point]),
    *[Flatten(), Dense(units=7), Residual(layers=[Dense(units=7), ReLU()])],
    *[Dense(units=5), Softmax()],
]


@pytest.mark.parametrize("size", [8, 9])
def test_loss_and_gradient_are_those_of_pytorch(size, make_network, random_parameters):
    network = make_network(LAYERS, (size, 7, 3), 5, chunk=16)
    w, rng = random_parameters(network), np.random.default_rng(0)
    x, y = rng.normal(size=(20, size, 7, 3)), rng.integers(0, 5, size=20)
    last = [nn.Linear(6 * -(-size // 2) * 4, 7), Vectors(), nn.Linear(7, 5)]
    stages = [nn.Conv2d(3, 4, 3, padding=1), Basic(4), Basic(4), Basic(4), Basic(6, 2), Inner()]
    other = nn.Sequential(*stages, nn.Flatten(), *last).double()
    parameters, start = list(other.parameters()), 0  # in the order of the layers here
    with torch.no_grad():
        for parameter in parameters:
            part = w[start : start + parameter.numel()]
            parameter.copy_(torch.tensor(part.reshape(parameter.shape)))
            start += parameter.numel()
    assert start == w.size
    outputs = other(torch.tensor(x.transpose(0, 3, 1, 2)))
    expected = nn.functional.cross_entropy(outputs, torch.tensor(y))
    expected.backward()
    right = np.concatenate([parameter.grad.numpy().ravel() for parameter in parameters])
    risk, gradient = network.loss_and_gradient(w, x, y)
    assert risk == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, right, rtol=1e-9, atol=1e-13)
