"""Weighted means of two samples."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnntrain.data.augment.augmentation import Array, Words, stored
from cnntrain.data.augment.mixing import Alpha, Mixing, weighted
from cnntrain.nn.shapes import Shape
from cnntrain.settings import setting


class Mixup(Mixing):
    """Samples become the weighted mean of themselves and another sample, and so do their labels;
    train_error counts against the label with the larger share.

    x' = lambda x + (1 - lambda) x_2 and q' = lambda q + (1 - lambda) q_2, with lambda ~
    Beta(alpha, alpha), for labels as for real targets (Zhang, Cisse, Dauphin and Lopez-Paz,
    "mixup: beyond empirical risk minimization", ICLR 2018).  Whole inputs are rounded.
    """

    type: Literal["mixup"] = "mixup"
    alpha: Alpha = setting(
        "Of the distribution of lambda: near 0 one of the two samples nearly has it all, at 1 all "
        "mixtures are equally likely.",
        0.2,
    )

    def check_input(self, shape: Shape) -> None:
        """Vectors can be mixed, too."""

    def shares(self, words: Words, shape: Shape) -> Array:
        return self._drawn_shares(words)

    def mix(self, x: Array, others: Array, words: Words) -> Array:
        one, other = x.astype(np.float64), others.astype(np.float64)
        return stored(weighted(self._drawn_shares(words), one, other), x)
