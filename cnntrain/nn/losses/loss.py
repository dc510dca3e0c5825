"""What a loss is: a function l(y, output) of one sample, and its derivatives (Section 2 of the
note).

Outputs are (e, n), a sample a column.  `y` holds n class labels, or (n, d) target vectors.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

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

    @abstractmethod
    def values(self, output: Array, y: Array) -> Array:
        """The loss of each sample, (n,)."""

    @abstractmethod
    def gradient(self, output: Array, y: Array) -> Array:
        """dl/d output (equation 4), shaped like `output`; a new array."""

    def totals_and_gradient(self, output: Array, y: Array) -> tuple[BatchTotals, Array]:
        """What a training step wants of a chunk: the totals, and dl/d output, a new array."""
        totals = BatchTotals.of(self.values(output, y), self.outputs(output), y)
        return totals, self.gradient(output, y)

    @abstractmethod
    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H d for each sample, H being the Hessian of l with respect to `output` and d the
        sample's column of `direction`; a new array."""
