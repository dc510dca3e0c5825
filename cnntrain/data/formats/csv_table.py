"""What is read of a table of text: its columns of numbers, and its columns of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

WHOLE = 2**24  # whole numbers up to it are float32 without loss


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts in a column: row i holds words[codes[i]]; no word twice."""

    words: Sequence[str]
    codes: Array

    @property
    def array(self) -> Array:
        """The text in each row, (N,)."""
        return np.array(self.words)[self.codes]


@dataclass(frozen=True, eq=False)
class Table:
    """What is in some columns of a table, called `name`.

    columns   the names of those that hold numbers, "" for those without
    numbers   (N, d): uint8 where all are whole and from 0 to 255, float32 where all are whole and
              this loses nothing, else float64
    texts     the columns that hold text, by what they are for
    """

    name: str
    columns: Sequence[str]
    numbers: Array
    texts: Mapping[str, Texts]

    def rows(self, chosen: Array) -> Table:
        """The rows that are `chosen`, (N,) bool."""
        texts = {key: Texts(t.words, t.codes[chosen]) for key, t in self.texts.items()}
        return Table(self.name, self.columns, self.numbers[chosen], texts)


def compact(block: Array) -> Array:
    """Numbers (n, d) float64 in the smallest of the types of a Table."""
    if block.size and np.abs(block).max() <= WHOLE and (block == np.rint(block)).all():
        small = block.min() >= 0 and block.max() <= 255
        return block.astype(np.uint8 if small else np.float32)
    return block.copy()


def joined(blocks: list[Array]) -> Array:
    """Blocks of rows as one array; each is given up as it is copied."""
    shape = sum(map(len, blocks)), blocks[0].shape[1]
    joined, start = np.empty(shape, np.result_type(*blocks)), 0
    while blocks:
        block = blocks.pop(0)
        joined[start : start + len(block)] = block
        start += len(block)
    return joined
