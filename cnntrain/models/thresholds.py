"""What a classifier is worth that answers only where it is sure enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class Threshold:
    """Answers where p is `threshold` or more.

    coverage    the share of the samples that are answered
    precision   the share of the answers that are right, None where there are none
    recall      the share of the samples to be found that are answered, and rightly; None where
                there are none to be found
    """

    threshold: float
    coverage: float
    precision: float | None
    recall: float | None


def of_likeliest(labels: Array, p: Array) -> list[Threshold]:
    """Answers of the likeliest class, as `predict --threshold` gives them; all samples are to be
    found.  For labels (N,) and probabilities p (N, classes).

    >>> p = np.array([[0.9, 0.1], [0.3, 0.7]])
    >>> [(row.coverage, row.precision) for row in of_likeliest(np.array([0, 0]), p)][-4:-2]
    [(0.5, 1.0), (0.0, None)]
    """
    return _rows(p.max(axis=1), p.argmax(axis=1) == labels, len(labels))


def of_class(labels: Array, p: Array, which: int) -> list[Threshold]:
    """The class `which` as the answer, wherever its own p is high enough, likeliest or not; samples
    of that class are to be found.

    >>> p = np.array([[0.9, 0.1], [0.7, 0.3]])
    >>> [(row.threshold, row.coverage, row.recall) for row in of_class([0, 1], p, 1)][2:4]
    [(0.1, 1.0, 1.0), (0.2, 0.5, 1.0)]
    """
    hits = np.equal(labels, which)
    return _rows(p[:, which], hits, int(np.count_nonzero(hits)))


def roc_area(labels: Array, score: Array) -> float | None:
    """The area under the receiver operating characteristic: how often a sample of class 1 has a
    higher score than one of class 0, where a tie counts half (Hanley and McNeil 1982); None where
    one of the classes has no sample.

    >>> roc_area(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.4, 0.9]))
    0.875
    """
    values, place = np.unique(score, return_inverse=True)
    positive, negative = (
        np.bincount(place[np.equal(labels, which)], minlength=len(values)) for which in (1, 0)
    )
    pairs = int(positive.sum()) * int(negative.sum())
    below = np.cumsum(negative) - negative
    twice = int(np.sum(positive * (2 * below + negative)))  # exact in whole numbers
    return twice / (2 * pairs) if pairs else None


def roc_curve(labels: Array, score: Array) -> tuple[Array, Array]:
    """The receiver operating characteristic: for each threshold, from one above all scores to one
    that they all reach, the share of class 0 and the share of class 1 whose score reaches it; both
    (thresholds,), from 0 to 1.  Both classes have to occur.

    >>> [share.tolist() for share in roc_curve(np.array([0, 1, 1]), np.array([0.1, 0.4, 0.4]))]
    [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    """
    values, place = np.unique(score, return_inverse=True)
    counts = (
        np.bincount(place[np.equal(labels, which)], minlength=len(values)) for which in (0, 1)
    )
    first, second = (np.append(0, np.cumsum(count[::-1])) for count in counts)
    return first / first[-1], second / second[-1]


def _rows(score: Array, hits: Array, sought: int) -> list[Threshold]:
    rows = []
    for level in LEVELS:
        answered = score >= level
        count, right = int(answered.sum()), int((answered & hits).sum())
        rows.append(
            Threshold(
                threshold=level,
                coverage=count / len(score),
                precision=right / count if count else None,
                recall=right / sought if sought else None,
            )
        )
    return rows
