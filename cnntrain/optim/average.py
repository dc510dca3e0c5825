"""An average of w over the steps, which is often better than w itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnntrain.elementary import power
from cnntrain.nn.shapes import Array
from cnntrain.settings import Section, setting
from cnntrain.settings.types import Count, Share

BLOCK = 2**14  # entries that are updated together: they stay in the processor's cache


class Average(Section):
    """An exponential moving average of w beside w (Polyak and Juditsky 1992): measured on the
    validation part after each epoch, and kept in checkpoints. The better one of the two by the row
    of the epoch is what evaluate and predict take.

    m <- decay m + (1 - decay) w after every `every` steps; the average is m / (1 - decay^k) after
    k of these updates (Kingma and Ba 2015 correct their means like this), and w_0 before the first.
    Running statistics are averaged along with w, as torch.optim.swa_utils.AveragedModel does with
    use_buffers=True and timm's ModelEmaV2 by default: those of w do not fit the average.
    """

    decay: Share = setting(
        "Share of the average that an update keeps: it reaches back over some 1 / (1 - decay) "
        "updates.",
        0.999,
        also="alpha beta emadecay momentum",
    )
    every: Count = setting("Steps from one update to the next.", 5, also="frequency interval")


class RunningAverage:
    """The average of some vectors, in double precision: what an update changes, a small share of
    the distance to w, would often be lost to rounding in single precision.

    means     (m / (1 - decay^k)) of each vector, float64
    updates   k
    """

    def __init__(self, settings: Average, vectors: Sequence[Array]) -> None:
        self.settings = settings
        self.means = [vector.astype(np.float64) for vector in vectors]
        self.updates = 0

    def after_step(self, step: int, vectors: Sequence[Array]) -> None:
        """Take in what the vectors are after `step` steps, if it is their turn."""
        if step % self.settings.every == 0:
            self.update(vectors)

    def update(self, vectors: Sequence[Array]) -> None:
        """a <- a + (1 - decay) / (1 - decay^k) (w - a): the same as m / (1 - decay^k)."""
        self.updates += 1
        decay = self.settings.decay
        share = (1 - decay) / (1 - power(decay, self.updates))
        for mean, vector in zip(self.means, vectors, strict=True):
            if self.updates == 1:
                mean[...] = vector
                continue
            for start in range(0, mean.size, BLOCK):
                part = mean[start : start + BLOCK]
                change = vector[start : start + BLOCK] - part
                change *= share
                part += change

    def restore(self, means: Sequence[Array], updates: int) -> None:
        """Go on from earlier `means`."""
        self.means, self.updates = list(means), updates
