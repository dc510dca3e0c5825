"""Cross-entropy, for classes."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from cnntrain.elementary import log
from cnntrain.nn.layers.softmax import softmax, softmax_jacobian_product
from cnntrain.nn.losses.loss import Loss
from cnntrain.nn.shapes import Array
from cnntrain.settings import setting
from cnntrain.settings.types import Share


class CrossEntropy(Loss):
    """For classes, after softmax.

    l(y, p) = -log p_y with p = soft-max(z), as a function of z.

    log p_y = z_y - log sum exp(z) is finite for any finite z, and the derivative of the two
    steps together is p - q(y), q(y) being the one-hot encoding of y: no division by p_y.

    Label smoothing e takes (1 - e) q(y) + e / classes in the place of q(y) (Szegedy et al. 2016):
    l = -sum over c of q_c log p_c.  The smallest loss is the entropy of q then, not 0.
    """

    also = "categoricalcrossentropy ce crossentropyloss logloss nll nllloss xent"
    of_logits: ClassVar[bool] = True
    needs_labels: ClassVar[bool] = True

    type: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Share = setting(
        "Share of each label that is spread over all classes alike.",
        0.0,
        also="epsilon labelsmooth smoothing",
    )

    def outputs(self, output: Array) -> Array:
        return softmax(output)

    def inverse(self, p: Array) -> Array:
        """log p in float64; a probability that is too small for the type of `p` counts as the
        smallest that is not."""
        return log(np.maximum(p, np.finfo(p.dtype).tiny).astype(np.float64))

    def best_constant(self, mean: Array) -> Array:
        smoothed = (1 - self.label_smoothing) * mean + self.label_smoothing / len(mean)
        with np.errstate(divide="ignore"):  # a class may have no samples
            return np.asarray(np.log(smoothed))

    def values(self, output: Array, y: Array) -> Array:
        top = output.max(axis=0)
        return self._values(output, y, np.log(np.exp(output - top).sum(axis=0)), top)

    def _values(self, output: Array, y: Array, log_sum: Array, top: Array) -> Array:
        """The losses, given log sum exp(z - top) and top = max z of each sample."""
        of_labels: Array = output[y, np.arange(len(y))] - top
        if self.label_smoothing:
            of_labels *= 1 - self.label_smoothing
            of_labels += self.label_smoothing * (output - top).mean(axis=0)
        return np.asarray(log_sum - of_labels)

    def gradient(self, output: Array, y: Array) -> Array:
        return self._gradient(softmax(output), y)

    def _gradient(self, p: Array, y: Array) -> Array:
        """p - q(y), in the memory of p."""
        p[y, np.arange(len(y))] -= 1 - self.label_smoothing
        if self.label_smoothing:
            p -= self.label_smoothing / len(p)
        return p

    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H = diag(p) - p p^T."""
        return softmax_jacobian_product(softmax(output), direction)
