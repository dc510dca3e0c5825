"""What a loss is: a function l(y, output) of one sample, and its derivatives (Section 2 of the
note).

Outputs are (e, n), a sample a column.  `y` holds n class labels, mixed labels (n, e), the rows of
which are shares of the classes, or target vectors (n, d).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from cnntrain.nn.losses.class_weights import total
from cnntrain.nn.losses.totals import BatchTotals
from cnntrain.nn.shapes import Array
from cnntrain.settings import Described


class Loss(Described):
    """A loss per sample, and its derivatives with respect to the output.

    of_logits     whether `output` is what enters a final soft-max, which the loss takes over
    needs_labels  whether targets must be classes
    """

    of_logits: ClassVar[bool] = False
    needs_labels: ClassVar[bool] = False

    def outputs(self, output: Array) -> Array:
        """The network's outputs p, given what enters the loss."""
        return output

    def inverse(self, p: Array) -> Array:
        """What enters the loss where its outputs are `p`."""
        return p

    def best_constant(self, mean: Array) -> Array:
        """The `output` of one sample, (e,), which has the smallest mean loss if all samples get
        it.  `mean` (e,) is their mean target; for labels, the frequencies of the classes."""
        return mean

    @property
    def weights(self) -> Array | None:
        """The weight of each class, (e,) float64; None where all samples weigh 1.

        The mean over a batch is that of the samples' losses, each with the weight of its label: the
        sum of `values`, which have it in them, divided by `weight`.  Mixed labels have none: theirs
        is the sum divided by the number of samples."""
        return None

    def check_outputs(self, outputs: int) -> None:  # noqa: B027  most losses take any number
        """Raise UsageError where the settings do not fit a network with so many outputs."""

    def weight(self, y: Array) -> float | None:
        """What samples with labels or targets `y` weigh together; None where all weigh 1."""
        if self.weights is None or y.ndim == 2:
            return None
        return total(self.weights, np.bincount(y, minlength=len(self.weights)))

    def share(self, y: Array) -> float:
        """What the loss of a batch with labels or targets `y`, all of it, is multiplied by in its
        mean; 0 where no sample weighs anything."""
        weight = self.weight(y)
        weight = len(y) if weight is None else weight
        return 1 / weight if weight else 0.0

    @abstractmethod
    def values(self, output: Array, y: Array) -> Array:
        """The loss of each sample, (n,)."""

    @abstractmethod
    def gradient(self, output: Array, y: Array) -> Array:
        """dl/d output (equation 4), shaped like `output`; a new array."""

    def totals_and_gradient(self, output: Array, y: Array) -> tuple[BatchTotals, Array]:
        """What a training step wants of a chunk: the totals, and dl/d output, a new array."""
        return self.totals(output, self.outputs(output), y), self.gradient(output, y)

    def totals(self, output: Array, p: Array, y: Array) -> BatchTotals:
        """Over a chunk, p being the `outputs` for it."""
        return BatchTotals.of(self.values(output, y), p, y, self.weight(y))

    @abstractmethod
    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H d for each sample, H being the Hessian of l with respect to `output` and d the
        sample's column of `direction`; a new array."""
