"""Whether a classifier is as sure as it is right: the reliability of its probabilities.

C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On Calibration of Modern Neural Networks, ICML 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BINS = 15  # as in the paper


@dataclass(frozen=True)
class Bin:
    """The samples whose answer has a probability above `low` and up to `high`.

    count      how many they are
    p          the mean probability of their answers, None where there are none
    accuracy   the share of the answers that are right, None where there are none
    """

    low: float
    high: float
    count: int
    p: float | None
    accuracy: float | None


def reliability(labels: Array, p: Array) -> list[Bin]:
    """The bins of equal width, from 0 to 1, of labels (N,) and probabilities p (N, classes).

    >>> bins = reliability(np.array([0, 1]), np.array([[0.9, 0.1], [0.7, 0.3]]))
    >>> [(round(b.low, 2), b.count, b.accuracy) for b in bins if b.count]
    [(0.67, 1, 0.0), (0.87, 1, 1.0)]
    """
    answers = p.argmax(axis=1)
    sure = p[np.arange(len(p)), answers].astype(np.float64)
    edges = np.arange(BINS + 1) / BINS
    which = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, BINS - 1)
    counts, sums, hits = (
        np.bincount(which, weights, BINS) for weights in (None, sure, answers == labels)
    )
    return [
        Bin(
            low=float(edges[i]),
            high=float(edges[i + 1]),
            count=int(n),
            p=float(sums[i] / n) if n else None,
            accuracy=float(hits[i] / n) if n else None,
        )
        for i, n in enumerate(counts)
    ]


def calibration_error(bins: list[Bin]) -> float:
    """The expected calibration error, ECE: the mean distance between a bin's probability and its
    accuracy, each bin weighed by its samples; from 0 to 1.

    >>> bins = reliability(np.array([0, 1]), np.array([[0.9, 0.1], [0.7, 0.3]]))
    >>> round(calibration_error(bins), 4)  # of 0.1 and 0.7
    0.4
    """
    of_bins = ((b.count, b.accuracy, b.p) for b in bins)
    filled = [(n, hits, p) for n, hits, p in of_bins if hits is not None and p is not None]
    return sum(n * abs(hits - p) for n, hits, p in filled) / sum(n for n, _, _ in filled)
