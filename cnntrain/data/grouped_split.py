"""Shares of samples of which some belong together: no group is divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness

Array = NDArray[Any]


def dealt(groups: Array, classes: Array, sizes: Sequence[float], *key: int | str) -> Array:
    """Deal samples out, a group as a whole, to shares of about the `sizes`, stratified by class.

    groups    (n,), equal for samples that belong together; what they are called plays no part
    classes   (n,) labels
    sizes     samples that each share should have, in all n; at most as many shares as groups
    key       what the order of groups of about the same size depends on

    Returns the number of each sample's share, (n,) int64.

    Large groups are dealt out first: by the power of two below their size, in random order where
    that is the same.  Each goes where the sum of (have - want)^2 / want, over the classes and over
    all samples, rises least, which is the rule of Sainte-Lague, by which parties get seats in
    proportion to their votes.  No share stays empty.
    """
    number = _numbered(groups)
    counts = np.bincount(number)
    shuffled = randomness.permutation(len(counts), *key)
    order = shuffled[np.argsort(-np.frexp(counts[shuffled])[1], kind="stable")]
    everything = int(classes.max()) + 1  # all samples are a class, too, the last one
    both = np.append(classes, np.full_like(classes, everything))
    total, each = np.bincount(both), everything + 1
    cells, found = np.unique(np.append(number, number) * each + both, return_counts=True)
    ends = np.searchsorted(cells, each * np.arange(1, len(counts) + 1))
    have = np.zeros((each, len(sizes)))
    share_of = np.empty(len(counts), dtype=np.int64)
    for place, group in enumerate(order):
        own = slice(ends[group - 1] if group else 0, ends[group])
        rows, rise = cells[own] % each, found[own, None]
        # The sum rises by rise (rise + 2 have) / want - 2 rise in each class, want being
        # proportional to total and size.
        cost = (rise * (rise + 2 * have[rows]) / total[rows, None]).sum(axis=0) / sizes
        empty = have[-1] == 0
        if empty.sum() >= len(order) - place:
            cost[~empty] = np.inf
        share_of[group] = cost.argmin()
        have[rows, share_of[group]] += rise[:, 0]
    return share_of[number]


def _numbered(groups: Array) -> Array:
    """Groups as numbers 0, 1, ..., in the order in which they occur first."""
    _, first, which = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[which]
