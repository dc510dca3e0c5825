"""The split into parts: a function of the labels and of `split_seed` alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.data.dataset import PARTS, Part, RawData
from cnntrain.data.sources.source import Source
from cnntrain.errors import DataError

Array = NDArray[Any]
Share = float | int  # a fraction, or a count


def split(raw: RawData, source: Source) -> dict[str, Part]:
    """The parts that the data bring along, and those that `source` asks to split off from the
    training part; in the order of PARTS.

    Raises DataError where a part is there already, or would be empty.
    """
    parts = {name: Part.whole(examples) for name, examples in raw.parts.items()}
    for name, share in (("test", source.test), ("validation", source.validation)):
        if share == "none":
            continue
        if name in parts:
            raise DataError(
                f"data.{name} is {share}, but the data have a {name} part of their own "
                f"(leave data.{name} out)"
            )
        train = parts["train"].indices
        left, taken = split_off(raw.train.y, train, share, name, source.split_seed)
        parts |= {"train": Part(raw.train, left), name: Part(raw.train, taken)}
    return {name: parts[name] for name in PARTS if name in parts}


def split_off(
    labels: Array, indices: Array, share: Share, name: str, seed: int
) -> tuple[Array, Array]:
    """Split `indices` into those that stay and those that go to the part `name`, both ascending.

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
    """How many of each class go, `count` in all: the shares rounded down, and one more for
    the largest remainders, the lower class first where remainders are equal."""
    total = int(sizes.sum())
    quotas = [int(size) * count // total for size in sizes]
    remainders = [int(size) * count % total for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda label: (-remainders[label], label))
    for label in by_remainder[: count - sum(quotas)]:
        quotas[label] += 1
    return quotas
