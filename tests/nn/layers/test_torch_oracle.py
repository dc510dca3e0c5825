"""Each layer's output and gradients equal PyTorch's, where PyTorch is installed."""

from __future__ import annotations

import itertools

import layer_passes
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    Conv,
    Dense,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    Sigmoid,
    SiLU,
    Tanh,
)
from cnntrain.nn.losses import CrossEntropy

# By name: a layer, the shape of a sample, and the same in PyTorch, given x and the parameters.
CASES = {
    "leaky_relu": (LeakyReLU(), (3, 4, 5), lambda x, w: functional.leaky_relu(x)),
    "leaky_relu, another slope": (
        LeakyReLU(slope=0.2),
        (7,),
        lambda x, w: functional.leaky_relu(x, 0.2),
    ),
    "elu": (ELU(), (3, 4, 5), lambda x, w: functional.elu(x)),
    "elu, another alpha": (ELU(alpha=0.3), (7,), lambda x, w: functional.elu(x, 0.3)),
    "gelu": (GELU(), (3, 4, 5), lambda x, w: functional.gelu(x)),
    "silu": (SiLU(), (3, 4, 5), lambda x, w: functional.silu(x)),
    "tanh": (Tanh(), (3, 4, 5), lambda x, w: torch.tanh(x)),
    "conv, with holes": (
        Conv(filters=4, kernel=3, dilation=2, padding=2),
        (8, 7, 6),
        lambda x, w: functional.conv2d(x, w["weight"], w["bias"], 1, 2, 2),
    ),
    "conv, in groups with holes and strides": (
        Conv(filters=6, kernel=(3, 2), groups=2, dilation=(1, 2), stride=2, padding=1),
        (4, 8, 7),
        lambda x, w: functional.conv2d(x, w["weight"], w["bias"], 2, 1, (1, 2), 2),
    ),
    "conv, by depth": (
        Conv(filters=16, kernel=3, groups=8, padding=1),
        (8, 6, 6),
        lambda x, w: functional.conv2d(x, w["weight"], w["bias"], padding=1, groups=8),
    ),
    "group_norm": (
        GroupNorm(groups=3),
        (6, 5, 4),
        lambda x, w: functional.group_norm(x, 3, w["weight"], w["bias"]),
    ),
    "group_norm, of all": (
        GroupNorm(groups=1, epsilon=1e-3),
        (6,),
        lambda x, w: functional.group_norm(x, 1, w["weight"], w["bias"], 1e-3),
    ),
    "conv, of signals": (
        Conv(filters=6, kernel=(3,), stride=2, padding=2, dilation=2, groups=2),
        (4, 1, 9),
        lambda x, w: functional.conv1d(x[:, :, 0], w["weight"], w["bias"], 2, 2, 2, 2)[:, :, None],
    ),
    "max_pool, of signals": (
        MaxPool(window=(3,), stride=2, padding=1),
        (4, 1, 9),
        lambda x, w: functional.max_pool1d(x[:, :, 0], 3, 2, 1)[:, :, None],
    ),
    "avg_pool, of signals": (
        AvgPool(window=(3,), stride=2, padding=1),
        (4, 1, 9),
        lambda x, w: functional.avg_pool1d(x[:, :, 0], 3, 2, 1, count_include_pad=False).unsqueeze(
            2
        ),
    ),
    "max_pool, padded": (
        MaxPool(window=3, stride=2, padding=1),
        (3, 7, 6),
        lambda x, w: functional.max_pool2d(x, 3, 2, 1),
    ),
    "max_pool, padded and ceil": (
        MaxPool(window=(2, 4), stride=(3, 2), padding=1, ceil=True),
        (3, 8, 7),
        lambda x, w: functional.max_pool2d(x, (2, 4), (3, 2), 1, ceil_mode=True),
    ),
    "max_pool, all": (
        MaxPool(window="all"),
        (3, 5, 4),
        lambda x, w: functional.adaptive_max_pool2d(x, 1),
    ),
    "avg_pool": (AvgPool(window=2), (3, 7, 6), lambda x, w: functional.avg_pool2d(x, 2)),
    "avg_pool, padded": (
        AvgPool(window=3, stride=2, padding=1),
        (3, 7, 6),
        lambda x, w: functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    ),
    "avg_pool, padded and ceil": (
        AvgPool(window=(2, 4), stride=(3, 2), padding=1, ceil=True),
        (3, 8, 7),
        lambda x, w: functional.avg_pool2d(
            x, (2, 4), (3, 2), 1, ceil_mode=True, count_include_pad=False
        ),
    ),
    "avg_pool, all": (
        AvgPool(window="all"),
        (3, 5, 4),
        lambda x, w: functional.adaptive_avg_pool2d(x, 1),
    ),
    "sigmoid": (Sigmoid(), (3, 4, 5), lambda x, w: torch.sigmoid(x)),
}


@pytest.mark.parametrize(("layer", "shape", "in_torch"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize(
    ("dtype", "bound"), [(np.float64, 1e-12), (np.float32, 1e-5)], ids=["double", "single"]
)
def test_output_and_gradients_equal_those_of_pytorch(layer, shape, in_torch, dtype, bound):
    """To within `bound` times the largest entry of each array."""
    n = 6
    x = layer_passes.untied(shape, n).astype(dtype)
    w = {name: a.astype(dtype) for name, a in layer_passes.weights(layer, shape).items()}
    dy = layer_passes.directions(layer, shape, n)[2].astype(dtype)
    context = layer_passes.make_context()
    y, dx, dw = layer_passes.gradients(layer, x, w, dy, context)

    outer = torch.tensor(np.moveaxis(x, -1, 0).copy(), requires_grad=True)
    parameters = {name: torch.tensor(a, requires_grad=True) for name, a in w.items()}
    out = in_torch(outer, parameters)
    out.backward(torch.tensor(np.moveaxis(dy, -1, 0).copy()))
    expected = {"y": out.detach(), "dx": outer.grad}
    expected |= {name: parameter.grad for name, parameter in parameters.items()}
    found = {"y": np.moveaxis(y, -1, 0), "dx": np.moveaxis(dx, -1, 0), **dw}
    for name, array in expected.items():
        assert found[name].dtype == dtype
        right = array.numpy()
        worst = np.abs(found[name] - right).max()
        assert worst <= bound * np.abs(right).max(), (name, worst)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_cross_entropy_is_that_of_pytorch(smoothing):
    rng = np.random.default_rng(0)
    z, y = rng.normal(scale=3, size=(7, 20)), rng.integers(0, 7, size=20)
    loss = CrossEntropy(label_smoothing=smoothing)
    logits = torch.tensor(z.T.copy(), requires_grad=True)
    right = functional.cross_entropy(
        logits, torch.tensor(y), reduction="none", label_smoothing=smoothing
    )
    right.sum().backward()
    np.testing.assert_allclose(loss.values(z, y), right.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(loss.gradient(z, y), logits.grad.numpy().T, atol=1e-14)


def test_parameters_are_named_and_shaped_as_in_pytorch():
    """So that checkpoints need no translation."""
    for layer, shape, module in [
        (Conv(filters=6, kernel=(3, 2), groups=2), (4, 5, 5), nn.Conv2d(4, 6, (3, 2), groups=2)),
        (Conv(filters=6, kernel=(3,)), (4, 1, 5), nn.Conv1d(4, 6, 3)),
        (Dense(units=3), (4,), nn.Linear(4, 3)),
        (GroupNorm(groups=2), (4, 5, 5), nn.GroupNorm(2, 4)),
    ]:
        named = {name: tuple(array.shape) for name, array in module.named_parameters()}
        assert layer.parameter_shapes(shape) == named


@pytest.mark.parametrize("size", range(1, 9))
def test_windows_over_the_edge_are_as_many_as_in_pytorch(size):
    for window, stride, padding in itertools.product(range(1, 5), range(1, 5), range(3)):
        if 2 * padding > window or size + 2 * padding + stride - 1 < window:
            continue  # PyTorch refuses these
        layer = MaxPool(window=(window, 1), stride=(stride, 1), padding=(padding,) * 2 + (0, 0))
        for ceil in (True, False) if size + 2 * padding >= window else (True,):
            image = torch.zeros(1, 1, size, 1)
            right = functional.max_pool2d(
                image, (window, 1), (stride, 1), (padding, 0), ceil_mode=ceil
            )
            found = layer.model_copy(update={"ceil": ceil}).output_shape((1, size, 1))
            assert found == right.shape[1:], (window, stride, padding, ceil)
