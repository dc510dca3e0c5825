"""The rival: a yardstick network in PyTorch, run eagerly."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from yardstick import Step

from cnntrain.nn.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    ReLU,
    Residual,
)


class TorchStep:
    """The network, weights, data and optimizer of a `Step`, in PyTorch."""

    def __init__(self, step: Step, layout: torch.memory_format = torch.contiguous_format) -> None:
        network = step.network
        model = modules(network.layers[:-1], network.shapes[0][0])
        model(images(step.samples.x[:2]))  # now it knows all sizes
        self.model = model.to(memory_format=layout)
        named = network.named_parameters(step.w).values()
        with torch.no_grad():
            for parameter, array in zip(self.model.parameters(), named, strict=True):
                parameter.copy_(torch.from_numpy(array))
        self.x = images(step.samples.x).contiguous(memory_format=layout)
        self.y = torch.from_numpy(step.samples.y)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3, momentum=0.9)
        self.times: list[float] = []

    def take(self, threads: int) -> float:
        """One step with so many threads, timed; its loss."""
        torch.set_num_threads(threads)
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(self.model(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        value = loss.item()
        self.times.append(1e3 * (time.perf_counter() - start))
        return value

    def forward(self, x: torch.Tensor, batch: int) -> None:
        """The outputs for `x`, in batches."""
        with torch.no_grad():
            for first in range(0, len(x), batch):
                self.model(x[first : first + batch]).softmax(1)


def images(x: np.ndarray) -> torch.Tensor:
    """(N, H, W, C) as (N, C, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, 3, 1)))


class Sum(torch.nn.Module):
    """What two modules make of x, added."""

    def __init__(self, body: torch.nn.Module, shortcut: torch.nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + self.shortcut(x)


def modules(layers: Sequence[Layer | Residual], channels: int) -> torch.nn.Module:
    """What computes the same in PyTorch; a dense layer counts its inputs when they come."""
    found: list[torch.nn.Module] = []
    for layer in layers:
        if isinstance(layer, Residual):
            shortcut = torch.nn.Identity()
            if layer.shortcut != "none":
                shortcut = modules(layer.shortcut, channels)
            found.append(Sum(modules(layer.layers, channels), shortcut))
            channels = layer.layers[-2].filters
            continue
        found.append(module(layer, channels))
        if isinstance(layer, Conv):
            channels = layer.filters
    return torch.nn.Sequential(*found)


def module(layer: Layer, channels: int) -> torch.nn.Module:
    """The module of PyTorch that computes what `layer` does."""
    if isinstance(layer, Conv):
        return torch.nn.Conv2d(
            channels,
            layer.filters,
            layer.kernel,
            layer.stride,
            layer.padding,
            bias=layer.bias,
        )
    if isinstance(layer, Dense):
        return torch.nn.LazyLinear(layer.units)
    if isinstance(layer, BatchNorm):
        return torch.nn.BatchNorm2d(channels)
    if isinstance(layer, AvgPool):
        return torch.nn.AdaptiveAvgPool2d(1)
    if isinstance(layer, MaxPool):
        return torch.nn.AdaptiveMaxPool2d(1) if layer.window == "all" else torch.nn.MaxPool2d(2)
    return {ReLU: torch.nn.ReLU, Flatten: torch.nn.Flatten}[type(layer)]()
