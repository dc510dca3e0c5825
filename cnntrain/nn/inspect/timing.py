"""The time that each layer of a network takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np

from cnntrain.nn.engines.compiled.stages import CompiledStage
from cnntrain.nn.execution.context import ChunkContext
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.network import Network
from cnntrain.nn.samples import Samples
from cnntrain.nn.shapes import Array

WARM_UP = 2  # passes that do not count: memory is taken, caches are filled


@dataclass(frozen=True)
class LayerTime:
    """One layer, or several that the engine computes in one go: median seconds of the forward and
    of the backward pass of one chunk with one thread, and the floating-point operations a second of
    the forward pass.

    engine   what computes it, "compiled" or "numpy": an engine may leave a layer to NumPy
    """

    name: str
    engine: str
    forward: float
    backward: float
    flops_per_second: float


def layer_times(network: Network, w: Array, samples: Samples, passes: int) -> list[LayerTime]:
    """The times of each stage of the network.

    samples   one chunk
    passes    times that it goes through the network, forwards and back
    """
    stages = network.stages
    forward: list[list[float]] = [[] for _ in stages]
    backward: list[list[float]] = [[] for _ in stages]

    def work(_: int, workspace: Workspace) -> None:
        weights = network.layout.views(w, network.initial_buffers())
        gradient = network.parameters.views(np.empty_like(w))
        for number in range(WARM_UP + passes):
            context, caches = ChunkContext(workspace, True, (0, 0, number)), []
            x, y = samples.chunk(0, len(samples), network.dtype)
            for i, stage in enumerate(stages):
                start = time.perf_counter()
                x, cache = stage.forward(x, weights, context)
                forward[i].append(time.perf_counter() - start)
                caches.append(cache)
            dy = network.loss.gradient(x, y)
            for i, stage in reversed(list(enumerate(stages))):
                start = time.perf_counter()
                dx = stage.backward(dy, caches[i], weights, gradient, context, need_dx=i > 0)
                backward[i].append(time.perf_counter() - start)
                dy = dy if dx is None else dx

    for _ in Workers(1).map(work, [0]):
        pass
    times = []
    for i, stage in enumerate(stages):
        seconds = statistics.median(forward[i][WARM_UP:])
        flops = sum(network.all_layers[k].flops(network.shapes[k]) for k in stage.layers) * len(
            samples
        )
        back = statistics.median(backward[i][WARM_UP:])
        name = " + ".join(network.names[k] for k in stage.layers)
        engine = "compiled" if isinstance(stage, CompiledStage) else "numpy"
        times.append(LayerTime(name, engine, seconds, back, flops / seconds))
    return times


def step_seconds(network: Network, w: Array, samples: Samples, steps: int) -> float:
    """Median seconds of the loss and gradient of a batch, with the network's workers."""
    seconds, buffers = [], network.initial_buffers()
    for number in range(WARM_UP + steps):
        start = time.perf_counter()
        network.totals_and_gradient(w, samples, (0, 0, number), buffers)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[WARM_UP:])
