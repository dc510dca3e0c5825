"""Losses (Section 2 of the note): cross-entropy, quadratic, and the zero-one loss they stand for.

Outputs are (e, n), a sample a column.  `y` holds n class labels, or (n, d) target vectors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cnntrain.nn.layers.softmax import softmax, softmax_jacobian_product
from cnntrain.nn.sums import Sums

Array = NDArray[Any]


class Loss(ABC):
    """A loss l(y, output), per sample, and its derivative with respect to the output."""

    name: ClassVar[str]
    of_logits: ClassVar[bool]  # whether `output` is what enters the final soft-max

    def outputs(self, output: Array) -> Array:
        """The network's outputs p, given what enters the loss."""
        return output

    @abstractmethod
    def values(self, output: Array, y: Array) -> Array:
        """The loss of each sample, (n,)."""

    @abstractmethod
    def gradient(self, output: Array, y: Array) -> Array:
        """dl/d output (equation 4), shaped like `output`; a new array."""

    @abstractmethod
    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H d for each sample, H being the Hessian of l with respect to `output` and d the
        sample's column of `direction`; a new array."""


class CrossEntropy(Loss):
    """l(y, p) = -log p_y with p = soft-max(z), as a function of z.

    log p_y = z_y - log sum exp(z) is finite for any finite z, and the derivative of the two
    steps together is p - q(y), q(y) being the one-hot encoding of y: no division by p_y.
    """

    name = "cross_entropy"
    of_logits = True

    def outputs(self, output: Array) -> Array:
        return softmax(output)

    def values(self, output: Array, y: Array) -> Array:
        shifted = output - output.max(axis=0)
        log_sum = np.log(np.exp(shifted).sum(axis=0))
        result: Array = log_sum - shifted[y, np.arange(len(y))]
        return result

    def gradient(self, output: Array, y: Array) -> Array:
        p = softmax(output)
        p[y, np.arange(len(y))] -= 1
        return p

    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H = diag(p) - p p^T."""
        return softmax_jacobian_product(softmax(output), direction)


class Quadratic(Loss):
    """l(y, y') = ||y - y'||^2, without a half; class labels stand for their one-hot encoding."""

    name = "quadratic"
    of_logits = False

    def values(self, output: Array, y: Array) -> Array:
        result: Array = np.sum(np.square(output - self._targets(output, y)), axis=0)
        return result

    def gradient(self, output: Array, y: Array) -> Array:
        result: Array = 2 * (output - self._targets(output, y))
        return result

    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H = 2 I."""
        return 2 * direction

    @staticmethod
    def _targets(output: Array, y: Array) -> Array:
        if y.ndim == 2:
            return y.T.astype(output.dtype, copy=False)
        return one_hot(y, len(output)).astype(output.dtype)


LOSSES: dict[str, type[Loss]] = {loss.name: loss for loss in (CrossEntropy, Quadratic)}


def one_hot(y: Array, classes: int) -> Array:
    """q(y) as the columns of a (classes, n) array."""
    return np.asarray(np.arange(classes)[:, None] == y)


def sums(losses: Array, p: Array, y: Array) -> Sums:
    """The sums over one chunk: `losses` (n,), network outputs `p` (e, n), labels or targets `y`.

    The predicted class is arg max p, the lowest class of several with the same p.
    """
    total = float(losses.sum(dtype=np.float64))
    if y.ndim == 2:
        return Sums(len(y), total)
    errors = np.count_nonzero(p.argmax(axis=0) != y)
    ties = np.count_nonzero(np.count_nonzero(p == p.max(axis=0), axis=0) > 1)
    return Sums(len(y), total, int(errors), int(ties))
