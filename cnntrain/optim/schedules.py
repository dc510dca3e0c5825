"""Learning-rate schedules: pure functions t -> alpha, t = step / steps per epoch.

`step` counts the updates done before, so t = 0 is the first one.  `epochs` is E, the length of
the run; `initial` is alpha_0, the rate that a schedule starts from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Schedule = Callable[[float], float]


def constant(initial: float, epochs: int) -> Schedule:
    """alpha = alpha_0."""
    return lambda t: initial


def step(initial: float, epochs: int, factor: float, every: int) -> Schedule:
    """alpha = alpha_0 factor^floor(t / every): lowered after each `every` whole epochs."""
    return lambda t: initial * factor ** math.floor(t / every)


def multistep(initial: float, epochs: int, milestones: Sequence[int], factor: float) -> Schedule:
    """alpha = alpha_0 factor^k, k being the number of milestones (epochs) that t has reached."""
    return lambda t: initial * factor ** sum(t >= milestone for milestone in milestones)


def exponential(initial: float, epochs: int, gamma: float) -> Schedule:
    """alpha = alpha_0 gamma^t."""
    return lambda t: initial * gamma**t


def inverse(initial: float, epochs: int, gamma: float, power: float) -> Schedule:
    """alpha = alpha_0 / (1 + gamma t)^power."""
    return lambda t: initial / (1 + gamma * t) ** power


def polynomial(initial: float, epochs: int, power: float, final: float) -> Schedule:
    """alpha = final + (alpha_0 - final) (1 - t/E)^power, and `final` from E on."""
    return lambda t: final + (initial - final) * max(0.0, 1 - t / epochs) ** power


def cosine(initial: float, epochs: int, final: float) -> Schedule:
    """alpha = final + (alpha_0 - final) (1 + cos(pi t/E)) / 2, and `final` from E on
    (Loshchilov and Hutter, ICLR 2017, without restarts)."""
    return lambda t: _fall(initial, final, t / epochs)


def cosine_restarts(
    initial: float, epochs: int, period: int, growth: float, final: float
) -> Schedule:
    """Cosine falls from alpha_0 to `final`, one after another: the first takes `period` epochs,
    each next one `growth` times as many (SGDR: Loshchilov and Hutter, ICLR 2017)."""

    def rate(t: float) -> float:
        start, length = 0.0, float(period)
        while t >= start + length:
            start, length = start + length, length * growth
        return _fall(initial, final, (t - start) / length)

    return rate


def one_cycle(
    initial: float,
    epochs: int,
    maximum: float,
    warm_up_fraction: float,
    final: float,
) -> Schedule:
    """From alpha_0 up to `maximum` in a straight line during the first `warm_up_fraction` of the
    run, then down to `final` along a cosine (Smith 2018, arXiv:1803.09820)."""
    top = warm_up_fraction * epochs

    def rate(t: float) -> float:
        if t < top:
            return initial + (maximum - initial) * t / top
        return _fall(maximum, final, (t - top) / (epochs - top))

    return rate


def warm_up(epochs: float, steps_per_epoch: int) -> Schedule:
    """What a schedule is multiplied by for a linear warm-up: (step + 1) / (steps in `epochs`) until
    that is 1, so that the first step is already a small one and not none at all."""
    if epochs == 0:
        return lambda t: 1.0
    return lambda t: min(1.0, (t + 1 / steps_per_epoch) / epochs)


def _fall(high: float, low: float, progress: float) -> float:
    """Half a cosine wave from `high` (progress 0) to `low` (progress 1 and beyond)."""
    return low + (high - low) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2


SCHEDULES: dict[str, Callable[..., Schedule]] = {
    rule.__name__: rule
    for rule in (
        constant,
        step,
        multistep,
        exponential,
        inverse,
        polynomial,
        cosine,
        cosine_restarts,
        one_cycle,
    )
}
