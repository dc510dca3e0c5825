"""Is the difference of two classifiers on the same samples more than chance?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cnntrain.errors import DataError
from cnntrain.models.evaluation import Evaluation


@dataclass(frozen=True)
class McNemar:
    """The exact test of McNemar (1947): of the samples that one of two classifiers gets right and
    the other wrong, `first` and `second` are right; `p` is the probability of a split as uneven
    where both are equally good."""

    first: int
    second: int
    p: float


def mcnemar(one: Evaluation, other: Evaluation) -> McNemar:
    """Compare two evaluations of the same samples.  Raises DataError for others.

    Of n samples on which they disagree, the number that the first gets right is binomial with
    probability 1/2 under the hypothesis; the test is two-sided.
    """
    if one.class_names is None or other.class_names is None:
        raise DataError("the test of McNemar is for classifiers")
    if not np.array_equal(one.labels, other.labels):
        raise DataError("the runs have other test samples: their answers cannot be paired")
    right = [evaluated.outputs.argmax(axis=1) == evaluated.labels for evaluated in (one, other)]
    first, second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return McNemar(first, second, two_sided(first, second))


def two_sided(first: int, second: int) -> float:
    """The p-value of a split of n = first + second trials of probability 1/2.

    >>> two_sided(1, 9)
    0.021484375
    """
    n = first + second
    tail = sum(math.comb(n, k) for k in range(min(first, second) + 1))
    return float(min(1.0, 2 * tail / 2**n))
