"""Loss and gradient equal PyTorch's, where PyTorch is installed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.context import Context
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU
from cnntrain.nn.samples import ArraySamples

GAP = 1e-4  # between an activation and 0, or the two largest of a pooling window
BATCH = 4


def torch_loss_and_gradient(network, w, x, y):
    """The same network in PyTorch, in the precision of `w`."""
    parameters = {
        name: torch.tensor(array, requires_grad=True)
        for name, array in network.named_parameters(w).items()
    }
    out = torch.tensor(x.transpose(0, 3, 1, 2), dtype=next(iter(parameters.values())).dtype)
    for name, layer in zip(network.names, network.layers, strict=True):
        if isinstance(layer, Conv | Dense):
            weight, bias = parameters[f"{name}/weight"], parameters[f"{name}/bias"]
        if isinstance(layer, Conv):
            out = torch.nn.functional.conv2d(out, weight, bias, layer.stride, layer.padding)
        elif isinstance(layer, Dense):
            out = torch.nn.functional.linear(out, weight, bias)
        elif isinstance(layer, ReLU):
            out = torch.relu(out)
        elif isinstance(layer, MaxPool):
            out = torch.nn.functional.max_pool2d(out, layer.window, layer.stride)
        elif isinstance(layer, Flatten):
            out = out.flatten(1)
    loss = torch.nn.functional.cross_entropy(out, torch.tensor(y))
    loss.backward()
    return loss.item(), np.concatenate([p.grad.numpy().ravel() for p in parameters.values()])


def away_from_kinks(network, w, candidates):
    """Biases and samples for which no decision is close, so that both precisions decide alike.

    In float64: each bias before a ReLU moves (in `w`) until no activation of its unit is within
    GAP of 0; samples with two near maxima in a pooling window are dropped.
    """
    views, workspace = network.parameters.views(w), Workspace()
    keep = np.arange(len(candidates))
    x, _ = ArraySamples(candidates, keep).chunk(0, len(candidates), np.float64)
    for k, layer in enumerate(network.layers):
        if isinstance(layer, MaxPool):
            clear = clear_maxima(layer, x)
            keep, x = keep[clear], x[..., clear]
        x = layer.forward(x, views[k], Context(workspace, k, NumpyEngine().choose))[0].copy()
        if isinstance(layer, Conv | Dense) and isinstance(network.layers[k + 1], ReLU):
            for unit in range(len(x)):
                shift = clear_shift(x[unit])
                views[k]["bias"][unit] += shift
                x[unit] += shift
    return candidates[keep[:BATCH]]


def clear_shift(activations):
    shifts = np.linspace(0, 0.5, 2001)
    return next(s for s in shifts if np.abs(activations + s).min() > 2 * GAP)


def clear_maxima(layer, x):
    """The samples without a pooling window whose two largest entries are near each other; 0s
    that ReLU made may be tied, for no gradient passes there."""
    first, second = two_largest(layer, x)
    return ~np.any((first - second < 2 * GAP) & (first > 0), axis=(0, 1, 2))


def two_largest(layer, x):
    """The largest and the second largest entry of every pooling window."""
    view = layer.windows(x.shape[:3])
    entries = np.sort([x[:, rows, columns] for rows, columns in view.positions], axis=0)
    return entries[-1], entries[-2]


def smallest_gap(network, w, x):
    """The smallest distance from a kink, among activations and pooling windows, in float64."""
    views, workspace, gaps = network.parameters.views(w), Workspace(), []
    x, _ = ArraySamples(x, np.zeros(len(x))).chunk(0, len(x), np.float64)
    for k, layer in enumerate(network.layers):
        if isinstance(layer, ReLU):
            gaps.append(np.abs(x).min())
        if isinstance(layer, MaxPool):
            first, second = two_largest(layer, x)
            gaps.append((first - second)[first > 0].min())
        x = layer.forward(x, views[k], Context(workspace, k, NumpyEngine().choose))[0]
    return min(gaps)


@pytest.fixture(params=["lenet", "small"])
def build(request, make_network, lenet_layers, small_layers):
    layers = {"lenet": lenet_layers, "small": small_layers}[request.param]
    return lambda dtype: make_network(layers, (28, 28, 1), 10, dtype=dtype, chunk=3)


def test_double_precision_equals_pytorch(build, random_parameters):
    network, rng = build(np.float64), np.random.default_rng(0)
    w = random_parameters(network)
    x, y = rng.normal(size=(8, 28, 28, 1)), rng.integers(0, 10, size=8)
    loss, gradient = network.loss_and_gradient(w, x, y)
    torch_loss, torch_gradient = torch_loss_and_gradient(network, w, x, y)
    assert loss == pytest.approx(torch_loss, rel=1e-12)
    assert np.linalg.norm(gradient - torch_gradient) <= 1e-12 * np.linalg.norm(gradient)
    np.testing.assert_allclose(gradient, torch_gradient, rtol=1e-9, atol=1e-13)


def test_single_precision_is_close_to_pytorch_away_from_kinks(build, random_parameters):
    double, rng = build(np.float64), np.random.default_rng(0)
    w = random_parameters(double)
    x = away_from_kinks(double, w, rng.normal(size=(48, 28, 28, 1)).astype(np.float32))
    assert len(x) == BATCH
    network, w = build(np.float32), w.astype(np.float32)
    assert smallest_gap(double, w.astype(np.float64), x) > GAP
    y = np.arange(BATCH)
    loss, gradient = network.loss_and_gradient(w, x, y)
    torch_loss, torch_gradient = torch_loss_and_gradient(network, w, x, y)
    assert gradient.dtype == torch_gradient.dtype == np.float32
    assert loss == pytest.approx(torch_loss, rel=1e-5)
    assert np.linalg.norm(gradient - torch_gradient) <= 1e-4 * np.linalg.norm(torch_gradient)
