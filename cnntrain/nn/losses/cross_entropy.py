"""Cross-entropy, for classes."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import DTypeLike

from cnntrain.elementary import log
from cnntrain.errors import UsageError
from cnntrain.nn.layers.softmax import softmax, softmax_jacobian_product
from cnntrain.nn.losses.class_weights import ClassWeights
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

    Class weights v make that l = -sum over c of v_c q_c log p_c, so that a sample with label y
    weighs v_y; the mean over a batch is the sum of l divided by that of the v_y, as in PyTorch's
    CrossEntropyLoss.

    Mixed labels have the shares of the classes in the place of q(y).  The mean is that over the
    samples then, whatever the v_c, as PyTorch has it for probabilities of classes.
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
    class_weights: ClassWeights = setting(
        "How much a sample counts in the loss, by its class; errors are not weighted. balanced: "
        "N / (classes x n), n of the N training samples being of the class, and 1 where none is; a "
        "list has a number for each class, in their order; a mapping for those that it names, 1 "
        "for others.",
        "none",
        also="classweight weight weights",
    )

    @cached_property
    def weights(self) -> Array | None:
        if self.class_weights == "none":
            return None
        if isinstance(self.class_weights, str | dict):
            raise UsageError(
                "class_weights: the numbers are those of a data set (build_network takes them)"
            )
        return np.array(self.class_weights, dtype=np.float64)

    def check_outputs(self, outputs: int) -> None:
        if isinstance(self.class_weights, tuple) and len(self.class_weights) != outputs:
            raise UsageError(
                f"found {len(self.class_weights)} class_weights, expected one for each of "
                f"{outputs} classes"
            )

    def outputs(self, output: Array) -> Array:
        return softmax(output)

    def inverse(self, p: Array) -> Array:
        """log p in float64; a probability that is too small for the type of `p` counts as the
        smallest that is not."""
        return log(np.maximum(p, np.finfo(p.dtype).tiny).astype(np.float64))

    def best_constant(self, mean: Array) -> Array:
        smoothed = (1 - self.label_smoothing) * mean + self.label_smoothing / len(mean)
        if self.weights is not None:
            smoothed *= self.weights
        with np.errstate(divide="ignore"):  # a class may have no samples
            return np.asarray(np.log(smoothed))

    def values(self, output: Array, y: Array) -> Array:
        top = output.max(axis=0)
        return self._values(output, y, np.log(np.exp(output - top).sum(axis=0)), top)

    def _values(self, output: Array, y: Array, log_sum: Array, top: Array) -> Array:
        """The losses, given log sum exp(z - top) and top = max z of each sample."""
        if y.ndim == 2:
            r = self._mixture(y, output.dtype)
            of_classes = log_sum - (output - top)  # infinite where p is 0
            losses = np.multiply(r, of_classes, out=np.zeros_like(r), where=r != 0)
            return np.asarray(losses.sum(axis=0))
        of_labels: Array = output[y, np.arange(len(y))] - top
        if self.weights is not None:
            return self._weighted_values(output - top, y, log_sum, of_labels)
        if self.label_smoothing:
            of_labels *= 1 - self.label_smoothing
            of_labels += self.label_smoothing * (output - top).mean(axis=0)
        return np.asarray(log_sum - of_labels)

    def _weighted_values(self, shifted: Array, y: Array, log_sum: Array, of_labels: Array) -> Array:
        own, spread, _ = self._shares(y, len(shifted), shifted.dtype)
        values = own * (log_sum - of_labels)
        if self.label_smoothing:
            values += (spread[:, None] * (log_sum - shifted)).sum(axis=0)
        return np.asarray(values)

    def _shares(self, y: Array, classes: int, dtype: DTypeLike) -> tuple[Array, Array, Array]:
        """What -log p is multiplied by: of each sample's label, (n,), beside that which all labels
        spread to each class, (e,); and the sum over the classes, (n,)."""
        assert self.weights is not None
        weights = self.weights.astype(dtype)
        own = (1 - self.label_smoothing) * weights[y]
        spread = self.label_smoothing / classes * weights
        return own, spread, own + spread.sum()

    def _mixture(self, y: Array, dtype: DTypeLike) -> Array:
        """r = v q, (e, n): what -log p is multiplied by where labels are mixed."""
        r: Array = (1 - self.label_smoothing) * y.T.astype(dtype)
        r += self.label_smoothing / len(r)
        if self.weights is not None:
            r *= self.weights.astype(dtype)[:, None]
        return r

    def gradient(self, output: Array, y: Array) -> Array:
        return self._gradient(softmax(output), y)

    def _gradient(self, p: Array, y: Array) -> Array:
        """p - q(y), in the memory of p."""
        if y.ndim == 2:
            r = self._mixture(y, p.dtype)
            p *= r.sum(axis=0)
            p -= r
            return p
        if self.weights is not None:
            own, spread, total = self._shares(y, len(p), p.dtype)
            p *= total
            p[y, np.arange(len(y))] -= own
            p -= spread[:, None]
            return p
        p[y, np.arange(len(y))] -= 1 - self.label_smoothing
        if self.label_smoothing:
            p -= self.label_smoothing / len(p)
        return p

    def hessian_product(self, output: Array, y: Array, direction: Array) -> Array:
        """H = diag(p) - p p^T, times the sum over c of v_c q_c."""
        product = softmax_jacobian_product(softmax(output), direction)
        if y.ndim == 2:
            product *= self._mixture(y, output.dtype).sum(axis=0)
        elif self.weights is not None:
            product *= self._shares(y, len(output), output.dtype)[2]
        return product
