"""The augmentations of a training part, one after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cnntrain import randomness
from cnntrain.data.augment.augmentation import Array, Augmentation, RandomChange, Words
from cnntrain.data.augment.mixing import Mixing, weighted
from cnntrain.data.part import Part

ENTRIES = 2**16  # of raw inputs at a time, which become real numbers on their way


class Augmenter:
    """Applies `kinds` in their order to samples of `part`.

    classes   of its labels; None: they are real numbers

    Random words are drawn for the whole part at once, when a new epoch asks for them, and those of
    a sample are found by its number: a batch costs no draw.
    """

    def __init__(
        self, kinds: Sequence[RandomChange], part: Part, seed: int, classes: int | None = None
    ) -> None:
        self.kinds, self.part, self.seed, self.classes = kinds, part, seed, classes
        self._drawn: dict[int, tuple[int, Words]] = {}  # by place in the list, with the epoch

    def __call__(self, x: Array, positions: Array, epoch: int) -> Array:
        """What becomes in `epoch` of the raw inputs x (n, ...) of the samples at `positions` (n,)
        in the part; `x` may be written to."""
        size = max(ENTRIES // math.prod(x.shape[1:]), 1)
        if len(x) <= size:
            return self._inputs(x, positions, epoch, len(self.kinds))
        for start in range(0, len(x), size):
            some = slice(start, start + size)
            x[some] = self._inputs(x[some], positions[some], epoch, len(self.kinds))
        return x

    def targets(self, positions: Array, epoch: int) -> Array:
        """Their labels or targets in `epoch`; where samples are mixed, labels as shares of the
        classes (n, classes)."""
        if any(isinstance(kind, Mixing) for kind in self.kinds):
            return self._mixed_targets(positions, epoch, len(self.kinds))
        y: Array = self.part.y[positions]
        return y

    def _inputs(self, x: Array, positions: Array, epoch: int, count: int) -> Array:
        """What the first `count` kinds make of them."""
        for place, kind in enumerate(self.kinds[:count]):
            words = self._words(place, epoch)[positions]
            if isinstance(kind, Augmentation):
                x = kind.apply(x, words, epoch, self.part)
            elif isinstance(kind, Mixing) and (mixed := kind.mixed(words)).any():
                partners = kind.partners(words[mixed], positions[mixed], len(self.part))
                raw = np.take(self.part.examples.x, self.part.indices[partners], axis=0)
                others = self._inputs(raw, partners, epoch, place)
                x[mixed] = kind.mix(x[mixed], others, words[mixed])
        return x

    def _mixed_targets(self, positions: Array, epoch: int, count: int) -> Array:
        """Likewise."""
        y: Array = self.part.y[positions]
        if self.classes is not None:
            y = (np.arange(self.classes) == y[:, None]).astype(np.float64)
        for place, kind in enumerate(self.kinds[:count]):
            words = self._words(place, epoch)[positions]
            if isinstance(kind, Mixing) and (mixed := kind.mixed(words)).any():
                partners = kind.partners(words[mixed], positions[mixed], len(self.part))
                others = self._mixed_targets(partners, epoch, place)
                shares = kind.shares(words[mixed], self.part.examples.x.shape[1:])
                y[mixed] = weighted(shares, y[mixed], others)
        return y

    def _words(self, place: int, epoch: int) -> Words:
        """The words that decide in `epoch` at a place of the list: a row for each sample."""
        kind = self.kinds[place]
        epoch = kind.drawn_in(epoch)
        if self._drawn.get(place, (0,))[0] != epoch:
            count, key = len(self.part) * kind.draws, ("augment", kind.word(), place, self.seed)
            drawn = randomness.words_at(0, count, *key, epoch)
            self._drawn[place] = epoch, drawn.reshape(-1, kind.draws)
        return self._drawn[place][1]
