"""How reports name a sample, and how a part is read where it does not fit into memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cnntrain.data.dataset import Dataset
from cnntrain.data.part import Part
from cnntrain.waiting import tell

Array = NDArray[Any]
ENTRIES = 2**22  # numbers that are in memory at a time


@dataclass(frozen=True)
class Sample:
    """One sample of a data set.

    part    train, validation or test
    index   its place in the file that it is from, from 0
    file    the file, where it has one of its own
    label   its class, None where targets are real numbers
    """

    part: str
    index: int
    file: str | None = None
    label: str | None = None

    @classmethod
    def at(cls, dataset: Dataset, name: str, position: int) -> Sample:
        """The sample at `position` in the part called `name`."""
        part, classes = dataset.part(name), dataset.class_names
        index, files = int(part.indices[position]), part.examples.files
        return cls(
            part=name,
            index=index,
            file=None if files is None else files[index],
            label=None if classes is None else classes[int(part.examples.y[index])],
        )


def blocks(part: Part, doing: str) -> Iterator[tuple[int, Array]]:
    """The raw inputs of a part, some samples at a time, each block with the position of its first
    sample; however large the samples, a block has some four million numbers at most.

    doing   what whoever waits is told
    """
    x, indices = part.examples.x, part.indices
    size = max(1, ENTRIES // max(1, math.prod(x.shape[1:])))
    for start in range(0, len(indices), size):
        tell(doing, start, len(indices))
        yield start, x[indices[start : start + size]]
    tell(doing, len(indices), len(indices))
