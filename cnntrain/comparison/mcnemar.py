"""The test of McNemar: do two classifiers differ by more than chance on the same samples?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cnntrain.errors import DataError
from cnntrain.models.evaluation import Evaluation


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
    """The p-value of the split of first + second trials of probability 1/2.

    >>> two_sided(1, 9)
    0.021484375
    """
    n = first + second
    tail = sum(math.comb(n, k) for k in range(min(first, second) + 1))
    return float(min(1.0, 2 * tail / 2**n))
