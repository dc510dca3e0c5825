"""Totals over samples, and the means that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnntrain.nn.shapes import Array


@dataclass(frozen=True)
class BatchTotals:
    """Totals over samples of the loss, of the zero-one loss, and of ties for the arg max.

    The loss is accumulated in float64.  Errors are counted against the label; of mixed labels
    against the class with the largest share, the lowest of several.  Of a regression `errors` and
    `ties` mean nothing.
    `weight` is what the samples weigh in the loss, None where each weighs 1.
    """

    samples: int = 0
    loss: float = 0.0
    errors: int = 0
    ties: int = 0
    weight: float | None = None

    @classmethod
    def of(cls, losses: Array, p: Array, y: Array, weight: float | None = None) -> BatchTotals:
        """Over one chunk: `losses` (n,), network outputs `p` (e, n), labels (n,) or vectors
        (n, e) `y`.

        The predicted class is arg max p, the lowest class of several with the same p.
        """
        total = float(losses.sum(dtype=np.float64))
        labels = y if y.ndim == 1 else y.argmax(axis=1)
        errors = np.count_nonzero(p.argmax(axis=0) != labels)
        ties = np.count_nonzero(np.count_nonzero(p == p.max(axis=0), axis=0) > 1)
        return cls(len(y), total, int(errors), int(ties), weight)

    def __add__(self, other: BatchTotals) -> BatchTotals:
        unweighted = self.weight is None and other.weight is None
        return BatchTotals(
            self.samples + other.samples,
            self.loss + other.loss,
            self.errors + other.errors,
            self.ties + other.ties,
            None if unweighted else self._weight + other._weight,
        )

    @property
    def _weight(self) -> float:
        return self.samples if self.weight is None else self.weight

    @property
    def risk(self) -> float:
        """L_T of equation 1: the mean loss, by the weights of the samples; 0 where all weigh 0."""
        return self.loss / self._weight if self.weight != 0 else 0.0

    @property
    def error(self) -> float:
        """The zero-one risk: the fraction of samples that are misclassified."""
        return self.errors / self.samples
