"""Learning-rate schedules: pure functions t -> alpha, t = step / steps per epoch.

`step` counts the updates done before, so t = 0 is the first one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def constant(initial: float) -> Schedule:
    """alpha(t) = initial."""
    return lambda t: initial


def step(initial: float, factor: float = 0.1, every: int = 10) -> Schedule:
    """alpha(t) = initial factor^floor(t / every): lowered after each `every` whole epochs.

    >>> alpha = step(0.1, factor=0.5, every=2)
    >>> [alpha(t) for t in (0.0, 1.9, 2.0, 4.5)]
    [0.1, 0.1, 0.05, 0.025]
    """
    return lambda t: initial * factor ** math.floor(t / every)


SCHEDULES: dict[str, Callable[..., Schedule]] = {"constant": constant, "step": step}
