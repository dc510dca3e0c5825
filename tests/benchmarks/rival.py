"""The rival: a yardstick network in PyTorch, run eagerly."""

from __future__ import annotations

import time

import numpy as np
import torch
from yardstick import Step

from cnntrain.nn.layers import Conv, Dense, Flatten, Layer, MaxPool, ReLU


class TorchStep:
    """The network, weights, data and optimizer of a `Step`, in PyTorch."""

    def __init__(self, step: Step, layout: torch.memory_format = torch.contiguous_format) -> None:
        network = step.network
        modules = [
            module(layer, shape)
            for layer, shape in zip(network.layers_before_loss, network.shapes, strict=False)
        ]
        self.model = torch.nn.Sequential(*modules).to(memory_format=layout)
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


def module(layer: Layer, shape: tuple[int, ...]) -> torch.nn.Module:
    """The module of PyTorch that computes what `layer` does on inputs of `shape`."""
    if isinstance(layer, Conv):
        padding = layer.padding if isinstance(layer.padding, str) else tuple(layer.padding)
        return torch.nn.Conv2d(shape[0], layer.filters, layer.kernel, padding=padding)
    if isinstance(layer, Dense):
        return torch.nn.Linear(shape[0], layer.units)
    kinds = {ReLU: torch.nn.ReLU, Flatten: torch.nn.Flatten}
    return torch.nn.MaxPool2d(2) if isinstance(layer, MaxPool) else kinds[type(layer)]()
