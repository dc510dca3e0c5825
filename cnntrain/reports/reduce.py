"""Curves of many points with as many as a screen can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def envelope(
    x: Sequence[float], y: Sequence[float], most: int
) -> tuple[Sequence[float], Sequence[float]]:
    """Points of a curve: all of them, or of each of `most` / 4 stretches of the same length the
    first, the last, the lowest and the highest one, so that nothing that sticks out is lost.

    >>> from cnntrain.reports.reduce import envelope
    >>> x, y = envelope(range(1000), [0.0] * 500 + [9.0] + [0.0] * 499, 40)
    >>> len(x) <= 40, max(y)
    (True, 9.0)
    """
    if len(x) <= most:
        return x, y
    values, kept = np.asarray(y, dtype=float), set[int]()
    bounds = np.linspace(0, len(values), most // 4 + 1).astype(int)
    for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
        kept |= {start, stop - 1}
        finite = start + np.flatnonzero(np.isfinite(values[start:stop]))
        if len(finite):
            kept |= {int(finite[values[finite].argmin()]), int(finite[values[finite].argmax()])}
    chosen = sorted(kept)
    return [x[k] for k in chosen], [y[k] for k in chosen]
