"""Mini-batches: which samples a step sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from cnntrain import randomness
from cnntrain.errors import DataError

Array = NDArray[Any]


class Batches:
    """`count` samples in batches of `batch_size` ("full": one batch), in a new order each epoch.

    The last batch may be smaller; with `drop_last` it is left out if it is.
    """

    def __init__(self, count: int, batch_size: int | str, seed: int, drop_last: bool) -> None:
        self.count, self.seed, self.drop_last = count, seed, drop_last
        self.batch_size = count if batch_size == "full" else int(batch_size)
        if self.steps_per_epoch == 0:
            raise DataError(
                f"drop_last leaves no batch: batch_size is {self.batch_size}, the training part "
                f"has {count} samples"
            )

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        whole, rest = divmod(self.count, self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    @property
    def samples_per_epoch(self) -> int:
        """Samples in an epoch."""
        return min(self.steps_per_epoch * self.batch_size, self.count)

    def order(self, epoch: int) -> Array:
        """The order of the samples in `epoch` (from 1): a function of the seed and the epoch."""
        return randomness.permutation(self.count, "shuffle", self.seed, epoch)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Array]:
        """Positions of the samples of each batch of `epoch`, from batch number `start` on."""
        order = self.order(epoch)
        for number in range(start, self.steps_per_epoch):
            yield order[number * self.batch_size : (number + 1) * self.batch_size]
