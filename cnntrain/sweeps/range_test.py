"""The learning-rate range test: one run whose rate grows with every step.

Smith, "Cyclical Learning Rates for Training Neural Networks" (2015, section 3.3).  The loss falls
while the rate is of use, and rises where it is too large.  Everything is computed on the
logarithm of the rate, since the rates have equal ratios.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnntrain.build import build_phases
from cnntrain.config import Config
from cnntrain.errors import DivergedError, UsageError
from cnntrain.optim.objective import NotFiniteError, Objective
from cnntrain.prepare import prepare

SMOOTHING = 0.9  # share of the running mean that the next loss leaves
BLOWN_UP = 4.0  # times the smallest smoothed loss: beyond that nothing more is to be seen
SETTLING = 5  # points at the start, where the running mean is that of a few batches
FEWEST = 10  # points of a curve that says something
FALL = 0.05  # least share of the first smoothed loss by which the curve must come down


@dataclass(frozen=True)
class Point:
    """One step: its rate, the loss of its batch before it, and the running mean of losses."""

    rate: float
    loss: float
    smoothed: float


def range_test(config: Config, low: float, high: float, steps: int) -> list[Point]:
    """Train with rates from `low` to `high`, and return the curve; nothing is written.

    Ends early where the loss has blown up.  Raises UsageError and DataError.
    """
    if steps < FEWEST:
        raise UsageError(f"{steps} steps, expected {FEWEST} or more")
    dataset, network, batches = prepare(config)
    optimizer = build_phases(config, network, batches.steps_per_epoch)[0].optimizer
    w = network.initial_parameters(config.seed)
    memory = optimizer.start(w)
    curve: list[Point] = []
    mean = 0.0
    endless = itertools.chain.from_iterable(map(batches.batches, itertools.count(1)))
    for step, positions in enumerate(itertools.islice(endless, steps)):
        rate = low * (high / low) ** (step / (steps - 1))
        samples = dataset.samples(dataset.train, positions)
        objective = Objective(network, samples, (config.seed, 1, step))
        try:
            loss = optimizer.step(w, objective, rate, memory).risk
        except NotFiniteError:
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed = mean / (1 - SMOOTHING ** (step + 1))  # without the bias of starting at 0
        curve.append(Point(rate, loss, smoothed))
        if smoothed > BLOWN_UP * min(point.smoothed for point in curve):
            break
    return curve


@dataclass(frozen=True)
class Rates:
    """What the rules read from a curve, its first points apart.

    steepest     where the smoothed loss falls fastest
    tenth        a tenth of the rate with the smallest smoothed loss
    valley       half-way down the longest stretch along which the curve comes down
    """

    steepest: float
    tenth: float
    valley: float


def read_curve(curve: Sequence[Point]) -> Rates:
    """Apply the rules.  Raises DivergedError where the curve says nothing, and why."""
    if len(curve) < FEWEST:
        raise DivergedError(
            f"no usable range: the loss blew up after {len(curve)} steps (try a smaller --from)"
        )
    settled = curve[SETTLING:]
    logs = np.log([point.rate for point in settled])
    smoothed = np.array([point.smoothed for point in settled])
    lowest = int(smoothed.argmin())
    if smoothed[lowest] > (1 - FALL) * smoothed[0]:
        rising = smoothed[-1] > (1 + FALL) * smoothed[0]
        trouble, way = ("rises", "smaller --from") if rising else ("is flat", "larger --to")
        raise DivergedError(f"no usable range: the loss {trouble} (try a {way})")
    slope = np.gradient(smoothed, logs)
    start, stop = _longest_fall(smoothed)
    return Rates(
        steepest=_rounded(logs[int(slope[: lowest + 1].argmin())]),
        tenth=_rounded(logs[lowest] - math.log(10)),
        valley=_rounded((logs[start] + logs[stop]) / 2),
    )


def _longest_fall(values: np.ndarray) -> tuple[int, int]:
    """First and last index of the longest falling subsequence, the latest start of several."""
    length = np.ones(len(values), dtype=np.int64)
    start = np.arange(len(values))
    for stop in range(1, len(values)):
        above = np.flatnonzero(values[:stop] > values[stop])
        if len(above):
            best = above[::-1][length[above[::-1]].argmax()]
            length[stop], start[stop] = length[best] + 1, start[best]
    last = int(length.argmax())
    return int(start[last]), last


def _rounded(log: float) -> float:
    return float(f"{math.exp(log):.3g}")
