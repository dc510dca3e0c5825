"""The learning-rate range test: one run whose rate grows with every step.

Smith, "Cyclical Learning Rates for Training Neural Networks" (2015, section 3.3): the loss falls
while the rate is useful, and rises when it is too large.  The rates have equal ratios, so slopes
and distances are those on their logarithm.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnntrain.config import Config
from cnntrain.errors import DivergedError, RunExistsError, UsageError
from cnntrain.experiment import set_up
from cnntrain.optim.objective import NotFiniteError, Objective
from cnntrain.runs.directory import RunDirectory
from cnntrain.storage import disk, durable
from cnntrain.sweeps.rates import rate_key, spaced_rates
from cnntrain.text import argument, csv_text, elsewhere, shown_path
from cnntrain.training.origin import starting_point

SMOOTHING = 0.9  # weight of the running mean of losses beside the next loss
BLOWN_UP = 4.0  # times the smallest smoothed loss: the test ends
SETTLING = 5  # points at the start, whose running mean is over few batches
FEWEST = 10  # points of a curve that can be read
LEAST_FALL = 0.05  # share of the first smoothed loss by which the curve must fall
CURVE, COLUMNS = "range.csv", ["learning_rate", "loss", "smoothed"]


@dataclass(frozen=True)
class Point:
    """One step: its rate, the loss of its batch before it, and the running mean of losses."""

    rate: float
    loss: float
    smoothed: float


@dataclass(frozen=True)
class RangeTest:
    """The result of a range test; the fields are the keys of `lr-sweep --range-test --json`.

    key             the rate that was tested, such as learning_rate.initial
    curve           the file that holds the curve
    points          how many points the curve has
    rules           the rate that each rule reads from the curve; none where it cannot be read
    rule            the rule that is followed
    suggested_rate  its rate, or None
    problem         why the curve cannot be read, and what to try; None where it can
    """

    key: str
    curve: str
    points: int
    rules: dict[str, float]
    rule: str
    suggested_rate: float | None
    problem: str | None


def range_test(
    config: Config, low: float, high: float, steps: int, folder: Path
) -> tuple[RangeTest, list[Point]]:
    """Train with rates from `low` to `high`, keep the curve in range.csv, and read it.

    Raises UsageError, also where `folder` holds anything but the curve of an earlier test,
    DataError, and RunExistsError where it holds a run or a sweep.
    """
    spaced_rates(low, high, 2)  # checks them
    _check_ours(folder)
    curve, file = make_curve(config, low, high, steps), folder / CURVE
    disk.make_folder(folder)
    rows = [[repr(point.rate), repr(point.loss), repr(point.smoothed)] for point in curve]
    durable.write(file, csv_text([COLUMNS, *rows]).encode())
    rules, problem = dict[str, float](), None
    try:
        rules = read_curve(curve)
    except DivergedError as error:
        problem = str(error)
    rate = rules.get("valley")
    return RangeTest(rate_key(config), str(file), len(curve), rules, "valley", rate, problem), curve


def _check_ours(folder: Path) -> None:
    """Raise an error unless the test may write its curve to `folder`."""
    there, place = RunDirectory(folder), shown_path(folder)
    if there.holds_run() or there.holds_sweep():
        kind = "run" if there.holds_run() else "sweep"
        raise RunExistsError(f"{place} already holds a {kind} ({elsewhere()})")
    curve = disk.read(folder / CURVE)
    ours = set() if curve is None else {CURVE}
    names = {entry.name for entry in disk.entries(folder)}
    if names - ours or (curve and not curve.startswith(",".join(COLUMNS).encode())):
        raise UsageError(
            f"{place} is not empty and holds no range test (nothing was changed; choose a new or "
            f"an empty directory with {argument('run')})"
        )


def make_curve(config: Config, low: float, high: float, steps: int) -> list[Point]:
    """Train with a rate that grows from `low` to `high`, at most until the loss has blown up.

    Raises UsageError and DataError.
    """
    if steps < FEWEST:
        raise UsageError(f"{steps} steps, expected {FEWEST} or more")
    dataset, network, batches = set_up(config)
    optimizer = next(iter(config.phase_at.values())).optimizer
    w, buffers, _ = starting_point(network, config)
    memory = optimizer.start(w)
    curve: list[Point] = []
    mean = 0.0
    endless = (
        (epoch, positions) for epoch in itertools.count(1) for positions in batches.batches(epoch)
    )
    for step, (epoch, positions) in enumerate(itertools.islice(endless, steps)):
        rate = low * (high / low) ** (step / (steps - 1))
        objective = Objective(
            network,
            dataset.batch(positions, epoch),
            (config.seed, 1, step),
            buffers=buffers,
            clip=config.largest_gradient,
        )
        try:
            loss = optimizer.step(w, objective, rate, memory).risk
        except NotFiniteError:
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed = mean / (1 - SMOOTHING ** (step + 1))  # corrects the bias of starting at 0
        curve.append(Point(rate, loss, smoothed))
        if smoothed > BLOWN_UP * min(point.smoothed for point in curve):
            break
    return curve


def read_curve(curve: Sequence[Point]) -> dict[str, float]:
    """The rate that each rule reads from a curve, its first points set aside.

    steepest   where the smoothed loss falls fastest
    tenth      a tenth of the rate with the smallest smoothed loss
    valley     half-way down the longest stretch along which the curve falls

    Raises DivergedError where the curve cannot be read, with the reason.
    """
    if len(curve) < FEWEST:
        raise DivergedError(
            f"no usable range: the loss blew up after {len(curve)} steps (begin with a smaller "
            "rate)"
        )
    settled = curve[SETTLING:]
    logs = np.log([point.rate for point in settled])
    smoothed = np.array([point.smoothed for point in settled])
    lowest = int(smoothed.argmin())
    if smoothed[lowest] > (1 - LEAST_FALL) * smoothed[0]:
        rising = smoothed[-1] > (1 + LEAST_FALL) * smoothed[0]
        trouble, way = (
            ("rises", "a smaller first rate") if rising else ("is flat", "a larger last one")
        )
        raise DivergedError(f"no usable range: the loss {trouble} (try {way})")
    slope = np.gradient(smoothed, logs)
    start, stop = longest_fall(smoothed.tolist())
    found = {
        "steepest": logs[int(slope[: lowest + 1].argmin())],
        "tenth": logs[lowest] - math.log(10),
        "valley": (logs[start] + logs[stop]) / 2,
    }
    return {rule: float(f"{math.exp(log):.3g}") for rule, log in found.items()}


def longest_fall(values: Sequence[float]) -> tuple[int, int]:
    """First and last index of the longest falling subsequence; of several, that which starts last.

    >>> longest_fall([5, 4, 9, 3, 1, 2])
    (0, 4)
    """
    falls: list[tuple[int, int]] = []  # length and start of the longest that ends at each index
    for stop, value in enumerate(values):
        before = [fall for fall, above in zip(falls, values, strict=False) if above > value]
        length, start = max(before, default=(0, stop))
        falls.append((length + 1, start))
    longest = max(falls)
    return longest[1], falls.index(longest)
