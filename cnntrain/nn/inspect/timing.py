"""How long each layer of a network takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.execution.chunk_pass import Pass
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples

Array = NDArray[Any]
WARM_UP = 2  # passes that do not count: memory is taken, caches are filled


@dataclass(frozen=True)
class LayerTime:
    """One layer: median seconds of the forward and of the backward pass of one chunk with one
    thread, and the floating-point operations a second of the forward pass."""

    name: str
    forward: float
    backward: float
    flops_per_second: float


def layer_times(network: Network, w: Array, samples: Samples, passes: int) -> list[LayerTime]:
    """The times of each layer but a final soft-max that the loss takes over.

    samples   one chunk
    passes    times that it goes through the network, forwards and back
    """
    forward: list[list[float]] = [[] for _ in network.body]
    backward: list[list[float]] = [[] for _ in network.body]

    def work(_: int, workspace: Workspace) -> None:
        weights = network.parameters.by_layer(w)
        gradient = network.parameters.by_layer(np.empty_like(w))
        for number in range(WARM_UP + passes):
            chunk = Pass(network.body, weights, workspace, (0, 0, number, 0))
            x, y = samples.chunk(0, len(samples), network.dtype)
            for k, layer in enumerate(network.body):
                start = time.perf_counter()
                x, kept = layer.forward(x, weights[k], chunk.call(k))
                forward[k].append(time.perf_counter() - start)
                chunk.kept.append(kept)
            dy = network.loss.gradient(x, y)
            for k in reversed(range(len(network.body))):
                start = time.perf_counter()
                call, need_dx = chunk.call(k), k > 0
                dx = network.body[k].backward(
                    dy, chunk.kept[k], weights[k], gradient[k], call, need_dx
                )
                backward[k].append(time.perf_counter() - start)
                dy = dy if dx is None else dx

    for _ in Workers(1).map(work, [0]):
        pass
    times = []
    for k, layer in enumerate(network.body):
        seconds = statistics.median(forward[k][WARM_UP:])
        flops = layer.flops(network.shapes[k]) * len(samples)
        back = statistics.median(backward[k][WARM_UP:])
        times.append(LayerTime(network.names[k], seconds, back, flops / seconds))
    return times


def step_seconds(network: Network, w: Array, samples: Samples, steps: int) -> float:
    """Median seconds of the loss and gradient of a batch, with the network's workers."""
    seconds = []
    for number in range(WARM_UP + steps):
        start = time.perf_counter()
        network.sums_and_gradient(w, samples, (0, 0, number))
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[WARM_UP:])
