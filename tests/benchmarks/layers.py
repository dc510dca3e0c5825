"""The stages of the yardstick networks: their times, and their speed beside the processor's."""

from __future__ import annotations

import time

import numpy as np
from report import Report
from yardstick import CASES, Step, compiled

from cnntrain.nn.engines.compiled.functions import functions
from cnntrain.nn.inspect.timing import layer_times
from cnntrain.nn.samples import ArraySamples

PASSES, ROUNDS = 20, 2_000_000
COLUMNS = ["network", "stage", "forward ms", "backward ms", "GFLOP/s", "of the peak"]


def layers(pairs: int) -> Report:
    """Each stage on one chunk of samples, with one thread.  Operations are those of the sum as it
    is written down, of which Winograd's algorithm needs about a quarter."""
    fastest, rows = peak(pairs), []
    for case in CASES[1:]:
        step = Step(case, 1)
        _, _, chunk = step.network.chunks(step.batch)[0]
        samples = ArraySamples(step.samples.x[:chunk], step.samples.y[:chunk])
        for measured in layer_times(step.network, step.w, samples, PASSES):
            speed = measured.flops_per_second / 1e9
            times = 1e3 * measured.forward, 1e3 * measured.backward
            rows.append([step.label, measured.name, *times, speed, speed / fastest])
    about = f"one chunk, one thread; the peak of multiply-adds is {fastest:.0f} GFLOP/s"
    return Report("layers", about, COLUMNS, rows)


def peak(repeats: int) -> float:
    """GFLOP/s of multiply-adds in registers, on one thread: the best of `repeats`."""
    multiply_adds = functions(compiled().library, np.dtype(np.float32))["multiply_adds"]
    best = 0.0
    for _ in range(max(repeats, 5)):
        start = time.perf_counter()
        operations = multiply_adds(ROUNDS)
        best = max(best, operations / (time.perf_counter() - start) / 1e9)
    return best
