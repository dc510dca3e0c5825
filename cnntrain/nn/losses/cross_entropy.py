"""Cross-entropy, for classes."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cnntrain.nn.layers.softmax import softmax, softmax_jacobian_product
from cnntrain.nn.losses.loss import Loss
from cnntrain.nn.shapes import Array


class CrossEntropy(Loss):
    """For classes, after softmax.

    l(y, p) = -log p_y with p = soft-max(z), as a function of z.

    log p_y = z_y - log sum exp(z) is finite for any finite z, and the derivative of the two
    steps together is p - q(y), q(y) being the one-hot encoding of y: no division by p_y.
    """

    also = "categoricalcrossentropy ce crossentropyloss logloss nll nllloss xent"
    of_logits: ClassVar[bool] = True
    needs_labels: ClassVar[bool] = True

    type: Literal["cross_entropy"] = "cross_entropy"

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
