"""The learning rates that a sweep tries, and their key in a config."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnntrain.config import Config
from cnntrain.config.overrides import plain
from cnntrain.config.source.positions import dotted
from cnntrain.errors import UsageError
from cnntrain.text import printable

MOST = 1000  # rates


def rate_key(config: Config) -> str:
    """The key of the rate to sweep over: `initial`, `maximum` for one_cycle, and with phases that
    of the first."""
    path, phase = next(iter(config.phase_at.items()))
    return dotted((*path, "learning_rate", phase.learning_rate.rate_key))


def spaced_rates(low: float, high: float, points: int) -> list[float]:
    """`points` rates from `low` to `high` with equal ratios, to three digits.

    Raises UsageError.

    >>> spaced_rates(0.001, 0.1, 3)
    [0.001, 0.01, 0.1]
    """
    if not (0 < low < math.inf and 0 < high < math.inf):
        raise UsageError(f"rates from {low:g} to {high:g}, expected numbers > 0")
    if low >= high:
        raise UsageError(f"rates from {low:g} to {high:g}, expected the smaller one first")
    if math.isinf(high / low):
        raise UsageError(f"rates from {low:g} to {high:g}: their ratio is too large")
    if not 2 <= points <= MOST:
        raise UsageError(
            f"{points} points, expected 2 to {MOST:,} (single ones can be given as rates)"
        )
    step = math.log(high / low) / (points - 1)
    rates = [float(f"{low * math.exp(k * step):.3g}") for k in range(points)]
    if len(set(rates)) < points:
        raise UsageError(
            f"rates from {low:g} to {high:g} are too close together for {points} points of three "
            "digits (any can be given as rates)"
        )
    return rates


def check_rates(rates: Sequence[float]) -> list[float]:
    """The rates that a user gave, in rising order.  Raises UsageError."""
    rates = plain(rates)
    for rate in rates:
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < math.inf:
            raise UsageError(f"rate {printable(rate)}, expected a number > 0")
    if not rates:
        raise UsageError("no rates, expected one or more")
    return sorted(float(rate) for rate in rates)
