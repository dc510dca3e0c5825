"""Samples with equal inputs, byte for byte: in one part they count twice, in several an error
measured on them says too little, and with different labels one of them must be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.audit.sample import Sample
from cnntrain.data.dataset import Dataset

Array = NDArray[Any]
SHOWN = 10  # groups that are named
MEMBERS = 5  # of each


@dataclass(frozen=True)
class CopyGroup:
    """Samples that are equal.

    count      how many
    differing  whether their labels or targets differ
    samples    the first of them
    """

    count: int
    differing: bool
    samples: list[Sample]


@dataclass(frozen=True)
class Copies:
    """The groups of equal samples of a data set.

    groups       how many
    inside       by part, the samples that equal an earlier one of the same part
    across       groups with samples in more than one part
    differing    groups whose labels or targets differ
    first        the first groups, those whose labels differ before others
    """

    groups: int
    inside: dict[str, int]
    across: int
    differing: int
    first: list[CopyGroup]


def copies(dataset: Dataset) -> Copies:
    """The equal samples of all parts, told by 64 bits of a digest of their bytes."""
    parts = dataset.parts
    names, sizes = list(parts), [len(part) for part in parts.values()]
    starts = np.cumsum([0, *sizes])
    digests = np.concatenate([part.digests for part in parts.values()])
    _, group, counts = np.unique(digests, return_inverse=True, return_counts=True)
    members = np.flatnonzero(counts[group] > 1)  # in the order of parts and samples
    by_group = members[np.argsort(group[members], kind="stable")]
    found = np.split(by_group, np.flatnonzero(np.diff(group[by_group])) + 1) if len(members) else []
    found.sort(key=lambda places: int(places[0]))
    labels = np.concatenate([part.y for part in parts.values()])
    part_of = np.repeat(np.arange(len(names)), sizes)
    differing = [bool((labels[places] != labels[places[0]]).any()) for places in found]

    def sample(place: int) -> Sample:
        number = int(part_of[place])
        return Sample.at(dataset, names[number], place - int(starts[number]))

    order = sorted(range(len(found)), key=lambda k: not differing[k])[:SHOWN]
    return Copies(
        groups=len(found),
        inside={name: len(part) - len(np.unique(part.digests)) for name, part in parts.items()},
        across=sum(bool((part_of[places] != part_of[places[0]]).any()) for places in found),
        differing=sum(differing),
        first=[
            CopyGroup(
                count=len(found[k]),
                differing=differing[k],
                samples=[sample(place) for place in _first(found[k], labels)],
            )
            for k in order
        ],
    )


def _first(places: Array, labels: Array) -> list[int]:
    """The first of the `places` of a group; where labels differ, one that does is among them."""
    first: list[int] = places[:MEMBERS].tolist()
    other = (labels[places] != labels[places[0]]).reshape(len(places), -1).any(axis=1)
    if other.any() and not other[:MEMBERS].any():
        first[-1] = int(places[other.argmax()])
    return first
