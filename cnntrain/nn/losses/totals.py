"""Totals over samples, and the means that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnntrain.nn.shapes import Array


@dataclass(frozen=True)
class BatchTotals:
    """Totals over samples of the loss, of the zero-one loss, and of ties for the arg max.

    The loss is accumulated in float64; `errors` and `ties` are 0 where the targets are vectors.
    """

    samples: int = 0
    loss: float = 0.0
    errors: int = 0
    ties: int = 0

    @classmethod
    def of(cls, losses: Array, p: Array, y: Array) -> BatchTotals:
        """Over one chunk: `losses` (n,), network outputs `p` (e, n), labels or targets `y`.

        The predicted class is arg max p, the lowest class of several with the same p.
        """
        total = float(losses.sum(dtype=np.float64))
        if y.ndim == 2:
            return cls(len(y), total)
        errors = np.count_nonzero(p.argmax(axis=0) != y)
        ties = np.count_nonzero(np.count_nonzero(p == p.max(axis=0), axis=0) > 1)
        return cls(len(y), total, int(errors), int(ties))

    def __add__(self, other: BatchTotals) -> BatchTotals:
        return BatchTotals(
            self.samples + other.samples,
            self.loss + other.loss,
            self.errors + other.errors,
            self.ties + other.ties,
        )

    @property
    def risk(self) -> float:
        """L_T of equation 1: the mean loss."""
        return self.loss / self.samples

    @property
    def error(self) -> float:
        """The zero-one risk: the fraction of samples that are misclassified."""
        return self.errors / self.samples
