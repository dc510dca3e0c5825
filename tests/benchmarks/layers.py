"""The layers of the yardstick networks: their times, and their speed beside that of a product of
large matrices."""

from __future__ import annotations

import time

import numpy as np
from report import Report
from threadpoolctl import threadpool_limits
from yardstick import CASES, Step

from cnntrain.nn.inspect.timing import layer_times
from cnntrain.nn.samples import ArraySamples

SIZE, PASSES = 1024, 10
COLUMNS = ["network", "layer", "forward ms", "backward ms", "GFLOP/s", "of SGEMM"]


def layers(pairs: int) -> Report:
    """Each layer on one chunk of samples, with one thread."""
    peak, rows = sgemm(pairs), []
    for case in CASES[1:]:
        step = Step(case, 1)
        _, _, chunk = step.network.chunks(step.batch)[0]
        samples = ArraySamples(step.samples.x[:chunk], step.samples.y[:chunk])
        for layer, measured in zip(
            step.network.layers_before_loss,
            layer_times(step.network, step.w, samples, PASSES),
            strict=True,
        ):
            speed = measured.flops_per_second / 1e9
            times = 1e3 * measured.forward, 1e3 * measured.backward
            name = f"{measured.name} {layer.type}"
            rows.append([step.label, name, *times, speed, speed / peak])
    about = f"one chunk, one thread, forward speed beside SGEMM at {peak:.0f} GFLOP/s"
    return Report("layers", about, COLUMNS, rows)


def sgemm(repeats: int) -> float:
    """GFLOP/s of a product of two square matrices on one thread: the best of `repeats`."""
    a = np.random.default_rng(0).normal(size=(SIZE, SIZE)).astype("f4")
    best = np.inf
    with threadpool_limits(1, user_api="blas"):
        for _ in range(max(repeats, 3)):
            start = time.perf_counter()
            a @ a
            best = min(best, time.perf_counter() - start)
    return 2 * SIZE**3 / best / 1e9
