"""Pictures that are almost the same: one photograph stored twice, or frames of one film.

Pictures are compared by their correlation r over all pixels and channels: at SIMILAR or above, when
each is scaled to one brightness and one contrast, they differ by a tenth of the contrast at most.
Before that, each is reduced to a sketch: means over 8 x 8 fields, centred, of length 1.  Sketches
of like pictures are closer together than LIKE, and so are their projections on any direction: the
sketches are sorted by the one in which they differ most, and each is compared with those near it
alone.  This finds the nearest sketch; whether there is a like picture whose sketch is not the
nearest, nobody asks.  Pictures that were mirrored, turned, shifted or cropped are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.audit.sample import Sample, blocks
from cnntrain.data.dataset import Dataset
from cnntrain.data.part import Part
from cnntrain.waiting import tell

Array = NDArray[Any]
FIELDS = 8  # of a sketch, in rows and in columns
SIMILAR = 0.995  # correlation
LIKE = (2 * (1 - SIMILAR)) ** 0.5  # the distance of vectors of length 1 whose product is SIMILAR
MOST = 200_000  # samples: the time grows with the square of their number
TOGETHER = 256  # sketches that are compared at a time
SHOWN = 10  # pairs that are named


@dataclass(frozen=True)
class Lookalike:
    """A picture, an earlier or other one that it looks like, and their correlation."""

    sample: Sample
    like: Sample
    correlation: float

    @property
    def differing(self) -> bool:
        """Whether they are of different classes."""
        return self.sample.label != self.like.label


@dataclass(frozen=True)
class LookalikeCount:
    """How many pictures of `part` look like one of the part `other`, which is not a later one."""

    part: str
    other: str
    count: int


@dataclass(frozen=True)
class Lookalikes:
    """The pictures that look like others without being copies of them.

    counts      for every two parts, and for a part and itself
    differing   pairs of different classes
    first       the first pairs: of different classes, in different parts, most alike
    """

    counts: list[LookalikeCount]
    differing: int
    first: list[Lookalike]


def lookalikes(dataset: Dataset) -> Lookalikes | None:
    """Those of all parts; None for vectors, signals, pictures of less than 8 x 8 pixels, and more
    samples than MOST."""
    shape, parts = dataset.input_shape, dataset.parts
    total = sum(len(part) for part in parts.values())
    if len(shape) != 3 or min(shape[:2]) < FIELDS or total > MOST:
        return None
    sketched = {name: _Sketches(part) for name, part in parts.items()}
    counts, pairs = list[LookalikeCount](), list[Lookalike]()
    for earlier, name in combinations_with_replacement(parts, 2):
        found = list(_pairs(dataset, sketched, name, earlier))
        counts.append(LookalikeCount(name, earlier, len(found)))
        pairs += found
    pairs.sort(
        key=lambda pair: (
            not pair.differing,
            pair.sample.part == pair.like.part,
            -pair.correlation,
        )
    )
    return Lookalikes(counts, sum(pair.differing for pair in pairs), pairs[:SHOWN])


class _Sketches:
    """The sketches of a part's pictures that are not of one value throughout, each picture once.

    positions   (n,) in the part
    vectors     (n, 64) float32, of length 1
    """

    def __init__(self, part: Part) -> None:
        _, first = np.unique(part.digests, return_index=True)
        once = np.zeros(len(part), dtype=bool)
        once[first] = True
        vectors = np.concatenate(
            [_sketch(block) for _, block in blocks(part, "sketching pictures")]
        )
        kept = once & vectors.any(axis=1)
        self.positions, self.vectors = np.flatnonzero(kept), vectors[kept]


def _sketch(x: Array) -> Array:
    """The sketches (n, 64) of pictures (n, H, W, C), 0 where all fields are equal."""
    fields = x.astype(np.float64).mean(axis=3)
    for axis in (1, 2):
        edges = np.arange(FIELDS) * x.shape[axis] // FIELDS
        sizes = np.diff([*edges, x.shape[axis]])
        fields = np.add.reduceat(fields, edges, axis=axis)
        fields /= sizes[:, None] if axis == 1 else sizes
    sketches: Array = _normed(fields.reshape(len(x), -1)).astype(np.float32)
    return sketches


def _normed(rows: Array) -> Array:
    """Each row less its mean, of length 1; of rows that are constant but for rounding, 0."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    constant = length <= 1e-9 * np.abs(rows).max(axis=1, keepdims=True)
    normed: Array = np.divide(centred, length, out=np.zeros_like(centred), where=~constant)
    return normed


def _pairs(
    dataset: Dataset, sketched: dict[str, _Sketches], name: str, earlier: str
) -> Iterator[Lookalike]:
    """Each picture of the part `name` that looks like one of the part `earlier`, with that one; in
    one and the same part, an earlier picture."""
    own, others = sketched[name], sketched[earlier]
    part, other = dataset.part(name), dataset.part(earlier)
    product, place = _nearest(own.vectors, others.vectors, same=name == earlier)
    near = product >= SIMILAR
    if name != earlier:
        near &= ~np.isin(part.digests[own.positions], other.digests)
    for k in np.flatnonzero(near):
        a, b = int(own.positions[k]), int(others.positions[place[k]])
        r = _correlation(_picture(part, a), _picture(other, b))
        if r >= SIMILAR:
            yield Lookalike(Sample.at(dataset, name, a), Sample.at(dataset, earlier, b), r)


def _nearest(rows: Array, others: Array, same: bool) -> tuple[Array, Array]:
    """For each of `rows` (n, k) the largest product with one of `others` (m, k) that may reach
    SIMILAR, or -1, and the place (n,) of that one; `same`: with one of those before it."""
    best, place = np.full(len(rows), -1.0, dtype=np.float32), np.zeros(len(rows), dtype=np.int64)
    if not len(rows) or not len(others):
        return best, place
    direction = _direction(others)
    own, along = rows @ direction, others @ direction
    by_own, by_along = np.argsort(own, kind="stable"), np.argsort(along, kind="stable")
    ordered, along = others[by_along], along[by_along]
    for start in range(0, len(rows), TOGETHER):
        tell("comparing pictures", start, len(rows))
        some = by_own[start : start + TOGETHER]
        low = np.searchsorted(along, own[some[0]] - LIKE)
        high = np.searchsorted(along, own[some[-1]] + LIKE, side="right")
        if low == high:
            continue
        products = rows[some] @ ordered[low:high].T
        if same:
            products[by_along[low:high] >= some[:, None]] = -1
        largest = products.argmax(axis=1)
        best[some] = products[np.arange(len(some)), largest]
        place[some] = by_along[low + largest]
    tell("comparing pictures", len(rows), len(rows))
    return best, place


def _direction(rows: Array) -> Array:
    """The direction in which the rows (n, k) vary most, of length 1: the first principal one."""
    some = rows[:: max(1, len(rows) // 4096)]
    centred = some - some.mean(axis=0)
    direction: Array = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    return direction


def _picture(part: Part, position: int) -> Array:
    picture: Array = part.examples.x[part.indices[position]]
    return picture


def _correlation(a: Array, b: Array) -> float:
    """That of all pixels and channels of two pictures."""
    rows = np.stack([a.reshape(-1), b.reshape(-1)]).astype(np.float64)
    first, second = _normed(rows)
    return float(first @ second)
