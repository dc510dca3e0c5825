"""Which samples go to which part: a function of the labels and of `split_seed` alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.errors import DataError

Array = NDArray[Any]
Share = float | int  # a fraction, or a count


def take(labels: Array, indices: Array, share: Share, name: str, seed: int) -> tuple[Array, Array]:
    """Split `indices` in those that stay and those that go to the part `name`, both ascending.

    labels   (N,) class labels: each class gives in proportion, by largest remainders; or (N, d)
             targets, drawn without regard to them
    share    a fraction of `indices`, or a number of samples

    Raises DataError where one of the two would be empty.
    """
    count = _count(share, len(indices), name)
    classes = labels[indices] if labels.ndim == 1 else np.zeros(len(indices), dtype=np.int64)
    order = randomness.permutation(len(indices), "split", name, seed)
    sizes = np.bincount(classes)
    by_class = order[np.argsort(classes[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    chosen = np.zeros(len(indices), dtype=bool)
    for start, quota in zip(starts, _quotas(sizes, count), strict=True):
        chosen[by_class[start : start + quota]] = True
    return indices[~chosen], indices[chosen]


def _count(share: Share, available: int, name: str) -> int:
    count = math.floor(share * available + 0.5) if isinstance(share, float) else int(share)
    if count < 1:
        raise DataError(f"data.{name}: {share} of {available:,} samples is none")
    if count >= available:
        raise DataError(f"data.{name}: {share} leaves none of {available:,} samples for training")
    return count


def _quotas(sizes: Array, count: int) -> list[int]:
    """How many of each class go, `count` in all: the shares rounded down, and one more for the
    largest remainders, the lower class first where remainders are equal."""
    total = int(sizes.sum())
    quotas = [int(size) * count // total for size in sizes]
    remainders = [int(size) * count % total for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda label: (-remainders[label], label))
    for label in by_remainder[: count - sum(quotas)]:
        quotas[label] += 1
    return quotas
