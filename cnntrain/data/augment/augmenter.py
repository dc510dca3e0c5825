"""The augmentations of a training part, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from cnntrain import randomness
from cnntrain.data.augment.augmentation import Array, Augmentation, Words
from cnntrain.data.dataset import Part


class Augmenter:
    """Applies `kinds` in their order to samples of `part`.

    Random words are drawn for the whole part at once, when a new epoch asks for them, and those of
    a sample are found by its number: a batch costs no draw.
    """

    def __init__(self, kinds: Sequence[Augmentation], part: Part, seed: int) -> None:
        self.kinds, self.part, self.seed = kinds, part, seed
        self._drawn: dict[int, tuple[int, Words]] = {}  # by place in the list, with the epoch

    def __call__(self, x: Array, positions: Array, epoch: int) -> Array:
        """What becomes in `epoch` of the raw inputs x (n, ...) of the samples at `positions` (n,)
        in the part; `x` may be written to."""
        for place, kind in enumerate(self.kinds):
            x = kind.apply(x, self._words(place, epoch)[positions], epoch, self.part)
        return x

    def _words(self, place: int, epoch: int) -> Words:
        """The words that decide in `epoch` at a place of the list: a row for each sample."""
        kind = self.kinds[place]
        epoch = kind.drawn_in(epoch)
        if self._drawn.get(place, (0,))[0] != epoch:
            count, key = len(self.part) * kind.draws, ("augment", kind.word(), place, self.seed)
            drawn = randomness.words_at(0, count, *key, epoch)
            self._drawn[place] = epoch, drawn.reshape(-1, kind.draws)
        return self._drawn[place][1]
