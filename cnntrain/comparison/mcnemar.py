"""The test of McNemar: do two classifiers differ by more than chance on the same samples?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cnntrain.errors import DataError
from cnntrain.models.evaluation import Evaluation

EXACT = 1200  # trials whose binomial coefficients are kept to all their bits


@dataclass(frozen=True)
class McNemar:
    """The exact test of McNemar (1947).

    first    samples that only the first classifier gets right
    second   samples that only the second gets right
    p        probability of a split at least as uneven, if both were equally good
    """

    first: int
    second: int
    p: float


def mcnemar(one: Evaluation, other: Evaluation) -> McNemar:
    """Compare two evaluations of the same samples.

    Under the hypothesis that both classifiers are equally good, the number of samples that the
    first gets right, of those on which they disagree, is binomial with probability 1/2; the test
    is two-sided.  Raises DataError unless both classify the same samples.
    """
    if one.class_names is None or other.class_names is None:
        raise DataError("the test of McNemar compares classifiers only")
    if not np.array_equal(one.labels, other.labels):
        raise DataError("the runs have different test samples: their predictions cannot be paired")
    right = [evaluated.outputs.argmax(axis=1) == evaluated.labels for evaluated in (one, other)]
    first, second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return McNemar(first, second, two_sided(first, second))


def two_sided(first: int, second: int) -> float:
    """The p-value of the split of first + second trials of probability 1/2: twice the probability
    of the smaller count or less.

    The binomial coefficients follow from each other, from the middle down.  Those of very many
    trials are scaled to 1200 bits, far more than the smallest float64 keeps.

    >>> two_sided(1, 9)
    0.021484375
    """
    n, fewer = first + second, min(first, second)
    middle = coefficient = math.comb(n, n // 2) if n <= EXACT else 1 << EXACT
    total = tail = 0
    for k in range(n // 2, -1, -1):
        total += coefficient
        if k <= fewer:
            tail += coefficient
        coefficient = coefficient * k // (n - k + 1)
        if not coefficient:
            break
    total = 2 * total - (middle if n % 2 == 0 else 0)  # the other half mirrors this one
    return min(1.0, 2 * tail / total)
