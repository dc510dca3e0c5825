"""Images with a rectangle of another image in them."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cnntrain import randomness
from cnntrain.data.augment.augmentation import Array, Probability, Words
from cnntrain.data.augment.mixing import Alpha, Mixing
from cnntrain.nn.shapes import Shape
from cnntrain.settings import setting


class Cutmix(Mixing):
    """A rectangle of an image, or a stretch of a signal, is that of another sample in the same
    place, and its label has that share; train_error counts against the label with the larger share.

    The rectangle has the sides sqrt(1 - lambda) H and sqrt(1 - lambda) W, rounded, with lambda ~
    Beta(alpha, alpha); its centre is any pixel, all equally likely, and it is cut off at the edges.
    Labels are mixed by the pixels that it covers (Yun et al., "CutMix: regularization strategy to
    train strong classifiers with localizable features", ICCV 2019).
    """

    draws: ClassVar[int] = 6

    type: Literal["cutmix"] = "cutmix"
    alpha: Alpha = setting(
        "Of the distribution of lambda: at 1 rectangles of all areas are equally likely, near 0 "
        "most are of next to nothing or all of the image.",
        1.0,
    )
    probability: Probability = setting("Share of the samples that are mixed.", 0.5, also="p prob")

    def shares(self, words: Words, shape: Shape) -> Array:
        top, bottom, left, right = self._rectangles(words, *shape[:2])
        result: Array = 1 - (bottom - top) * (right - left) / (shape[0] * shape[1])
        return result

    def mix(self, x: Array, others: Array, words: Words) -> Array:
        rectangles = np.transpose(self._rectangles(words, *x.shape[1:3])).tolist()
        for k, (top, bottom, left, right) in enumerate(rectangles):
            x[k, top:bottom, left:right] = others[k, top:bottom, left:right]
        return x

    def _rectangles(self, words: Words, height: int, width: int) -> list[Array]:
        """First and last row and column of each, whole numbers; the last are not part of it."""
        area = 1 - self._drawn_shares(words)
        along = area if height == 1 else np.sqrt(area)
        sides = (
            np.ones_like(area) if height == 1 else np.rint(along * height),
            np.rint(along * width),
        )
        edges: list[Array] = []
        for side, word, size in zip(sides, words[:, 4:6].T, (height, width), strict=True):
            first = randomness.as_index(word, size) - side.astype(np.int64) // 2
            edges += first.clip(0), (first + side.astype(np.int64)).clip(None, size)
        return edges
