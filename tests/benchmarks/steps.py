"""Training steps and forward passes of cnntrain and of PyTorch, side by side.

The two take turns, A B A B ..., on the same networks, initial weights, data and number of threads,
in float32; PyTorch in the faster of its two memory layouts.  A ratio below 1 means that cnntrain
is faster.  Only ratios count, since other processes slow both down alike.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
import torch
from report import Report
from rival import TorchStep, images
from yardstick import CASES, Step

from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.samples import ArraySamples

TURN = 7  # steps, of which the median counts
PAUSE = 0.02  # seconds before a turn, in which the idle threads of the other stop spinning
IMAGES, BATCH = 10_000, 256  # of a forward pass; PyTorch takes them in batches
LAYOUTS = (torch.contiguous_format, torch.channels_last)
COLUMNS = ["network", "threads", "cnntrain ms", "PyTorch ms", "least", "median", "most"]
MORE = ["NumPy ms", "its median"]  # of the engine in NumPy


def steps(pairs: int) -> Report:
    """A step: forward, backward, SGD with momentum."""
    rows = [step_row(case, threads, pairs) for threads in (1, 2) for case in CASES]
    about = "milliseconds of a training step, and the ratio to PyTorch's"
    return Report("steps", about, [*COLUMNS, *MORE], rows)


def step_row(case: tuple, threads: int, pairs: int) -> list:
    ours, plain = Step(case, threads), Step(case, threads, NumpyEngine())
    rivals = [TorchStep(ours, layout) for layout in LAYOUTS]
    for turn in range(pairs + 1):
        time.sleep(PAUSE)
        losses = [ours.take(TURN * turn + k) for k in range(TURN)]
        for rival in rivals:
            time.sleep(PAUSE)
            theirs = [rival.take(threads) for _ in range(TURN)]
            if turn == 0:
                assert np.allclose(theirs, losses, rtol=1e-2), "the two do not compute the same"
        time.sleep(PAUSE)
        for k in range(TURN):
            plain.take(TURN * turn + k)
    rival = min(rivals, key=lambda r: statistics.median(r.times[TURN:]))
    other = row("", threads, turns(plain.times), turns(rival.times))
    return [*row(ours.label, threads, turns(ours.times), turns(rival.times)), other[2], other[5]]


def forward(pairs: int) -> Report:
    """The forward pass alone."""
    rows = [forward_row(threads, pairs) for threads in (1, 2)]
    return Report("forward", f"{IMAGES:,} images through `small`", COLUMNS, rows)


def forward_row(threads: int, pairs: int) -> list:
    step = Step(CASES[3], threads)
    x = np.random.default_rng(0).normal(size=(IMAGES, *step.network.input_shape)).astype("f4")
    samples = ArraySamples(x, np.zeros(IMAGES, dtype=np.int64))
    rival, pictures = TorchStep(step), images(x)
    torch.set_num_threads(threads)
    mine, other = [], []
    for _ in range(pairs):
        time.sleep(PAUSE)
        mine.append(milliseconds(lambda: step.network.measure(step.w, samples, step.buffers)))
        other.append(milliseconds(lambda: rival.forward(pictures, BATCH)))
    return row("small", threads, mine[1:], other[1:])


def row(name: str, threads: int, mine: list[float], other: list[float]) -> list:
    """Medians of both sides, and the ratios of what was taken one right after the other."""
    ratios = [a / b for a, b in zip(mine, other, strict=True)]
    medians = statistics.median(mine), statistics.median(other)
    return [name, threads, *medians, min(ratios), statistics.median(ratios), max(ratios)]


def turns(times: list[float]) -> list[float]:
    """The median step of each turn but the first, which warms up."""
    starts = range(TURN, len(times), TURN)
    return [statistics.median(times[start : start + TURN]) for start in starts]


def milliseconds(call) -> float:
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)
