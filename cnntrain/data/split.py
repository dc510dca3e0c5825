"""The split into parts: a function of the labels, of groups, and of `split_seed` alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.data.examples import PARTS, RawData
from cnntrain.data.grouped_split import dealt
from cnntrain.data.part import Part
from cnntrain.data.sources.source import Fold, Source
from cnntrain.errors import DataError
from cnntrain.text import printable

Array = NDArray[Any]
Share = float | int  # a fraction, or a count


def split(raw: RawData, source: Source) -> dict[str, Part]:
    """The parts that the data bring along, and those that `source` asks to split off from the
    training part; in the order of PARTS.

    Raises DataError where a part is there already, or would be empty, and where there are no
    groups to be kept together.
    """
    if source.group != "none" and raw.train.groups is None:
        raise DataError(f"data.group is {printable(source.group)}, but the samples have no groups")
    parts = {name: Part.whole(examples) for name, examples in raw.parts.items()}
    for name, key, share in _asked(source):
        if name in parts:
            found = f"{share.of} folds" if isinstance(share, Fold) else share
            raise DataError(
                f"data.{key} is {found}, but the data have a {name} part of their own "
                f"(leave data.{key} out)"
            )
        train = parts["train"].indices
        y, groups, seed = raw.train.y, raw.train.groups, source.split_seed
        if isinstance(share, Fold):
            left, taken = fold_off(y, train, share, seed, groups)
        else:
            left, taken = split_off(y, train, share, name, seed, groups)
        parts |= {"train": Part(raw.train, left), name: Part(raw.train, taken)}
    return {name: parts[name] for name in PARTS if name in parts}


def far_from_asked(parts: dict[str, Part], source: Source) -> list[str]:
    """A warning for each part of `split` that whole groups make half as large again as asked for,
    or more, or by as much too small."""
    if source.group == "none":
        return []
    warnings, train = [], parts["train"]
    left = sum(len(part) for part in parts.values() if part.examples is train.examples)
    for name, key, share in _asked(source):
        found = len(parts[name])
        asked = left / share.of if isinstance(share, Fold) else _count(share, left, name)
        if not 2 * asked < 3 * found < 4.5 * asked:
            warnings.append(
                f"data.{key} asks for {asked:,.0f} of {left:,} samples, and {found:,} are there: "
                "groups are not divided"
            )
        left -= found
    return warnings


def _asked(source: Source) -> Iterator[tuple[str, str, Share | Fold]]:
    """The parts to split off, one after the other: names, keys, and how much."""
    if source.test != "none":
        yield "test", "test", source.test
    if source.validation != "none":
        yield "validation", "validation", source.validation
    if source.fold != "none":
        yield "validation", "fold", source.fold


def split_off(
    labels: Array,
    indices: Array,
    share: Share,
    name: str,
    seed: int,
    groups: Array | None = None,
) -> tuple[Array, Array]:
    """Split `indices` into those that stay and those that go to the part `name`, both ascending.

    labels   (N,) class labels: each class gives in proportion, by largest remainders; or (N, d)
             targets, drawn without regard to them
    share    a fraction of `indices`, or a number of samples
    groups   (N,), equal for samples that stay together: then both come as near to that as `dealt`
             brings whole groups

    Raises DataError where one of the two would be empty.
    """
    count = _count(share, len(indices), name)
    classes, key = _classes(labels, indices), ("split", name, seed)
    if groups is not None:
        some = groups[indices]
        _check_enough(2, some, f"data.{name}: two parts", "groups")
        chosen = dealt(some, classes, (len(indices) - count, count), *key) == 1
        return indices[~chosen], indices[chosen]
    sizes, by_class = np.bincount(classes), _by_class(classes, *key)
    starts = np.cumsum(sizes) - sizes
    chosen = np.zeros(len(indices), dtype=bool)
    for start, quota in zip(starts, _quotas(sizes, count), strict=True):
        chosen[by_class[start : start + quota]] = True
    return indices[~chosen], indices[chosen]


def fold_off(
    labels: Array, indices: Array, fold: Fold, seed: int, groups: Array | None = None
) -> tuple[Array, Array]:
    """Split `indices` into those outside and those inside of a fold, both ascending.

    Folds are disjoint, and all `indices` together.  Their sizes differ by at most 1, and so do
    those of each class in them: samples, shuffled within their classes, are dealt out in turn,
    class after class.  With groups they come as near to that as `dealt` brings whole groups.

    Raises DataError where there are more folds than samples or groups.
    """
    classes, key, what = _classes(labels, indices), ("split", "fold", seed), f"{fold.of} folds"
    _check_enough(fold.of, indices, f"data.fold.of: {what}", "samples")
    if groups is not None:
        some = groups[indices]
        _check_enough(fold.of, some, f"data.fold.of: {what}", "groups")
        fold_of = dealt(some, classes, [len(indices) / fold.of] * fold.of, *key)
    else:
        fold_of = np.empty(len(indices), dtype=np.int64)
        fold_of[_by_class(classes, *key)] = np.arange(len(indices)) % fold.of
    chosen = fold_of == fold.index
    return indices[~chosen], indices[chosen]


def _classes(labels: Array, indices: Array) -> Array:
    """Those of the samples at `indices`; one and the same where there are targets."""
    return labels[indices] if labels.ndim == 1 else np.zeros(len(indices), dtype=np.int64)


def _by_class(classes: Array, *key: int | str) -> Array:
    """The places of samples by class, and in random order within each."""
    order = randomness.permutation(len(classes), *key)
    return order[np.argsort(classes[order], kind="stable")]


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


def _check_enough(needed: int, values: Array, what: str, of: str) -> None:
    """Raise DataError unless there are as many different values as shares that are needed."""
    if (found := len(np.unique(values))) < needed:
        raise DataError(f"{what} of {found:,} {of}, expected at least {needed:,} {of}")
