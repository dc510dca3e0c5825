"""What augmentations are that take values further from some value, or nearer to it."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from cnntrain import randomness
from cnntrain.data.augment.amounts import Change, around_zero
from cnntrain.data.augment.augmentation import Array, Sometimes, Words, stored
from cnntrain.data.part import Part
from cnntrain.settings import setting


class Tones(Sometimes):
    """x' = m + (1 + u) (x - m), with u drawn uniformly for each image, and a value m that a kind
    says: what is at m stays.

    Values stay within the range of the training part; whole inputs are rounded.
    """

    draws: ClassVar[int] = 2
    ranges: ClassVar[tuple[str, ...]] = ("amount",)

    amount: Change = setting(
        "The largest change u in either direction, or [lowest, highest]; -1 leaves nothing.",
        0.2,
        also="factor limit strength",
    )

    def changed(self, x: Array, words: Words, part: Part) -> Array:
        u = around_zero(self.amount, randomness.as_uniform(words[:, 0]))
        values = x.astype(np.float64)
        kept = self.kept(values, part)
        values -= kept
        values *= (1 + u)[:, None, None, None]
        values += kept
        return stored(within(values, part), x)

    @abstractmethod
    def kept(self, x: Array, part: Part) -> Array:
        """m, which broadcasts over images x (n, H, W, C) of real numbers."""


def within(values: Array, part: Part) -> Array:
    """The same, those beyond the range of the training part brought to its ends; in place."""
    span = part.input_range
    return np.clip(values, span.minimum, span.maximum, out=values)
