"""When to stop, and which epoch was best (Section 4 of the note, "Early Termination").

Plain numbers throughout: the counters go into every checkpoint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Patience:
    """Exhausted after `patience` epochs in a row without improvement.

    An improvement is strict and by more than `min_delta` over the value at the last reset;
    NaN is none.  With patience 1 the first miss exhausts.

    >>> rule = Patience(2)
    >>> [rule.update(value) for value in (0.5, 0.4, 0.4, 0.39, 0.39, 0.4)]
    [False, False, False, False, False, True]
    """

    patience: int
    min_delta: float = 0.0
    reference: float = math.inf
    misses: int = 0

    def update(self, value: float) -> bool:
        """Count one epoch's value; whether patience is exhausted now."""
        if self.reference - value > self.min_delta:
            self.reference, self.misses = value, 0
        else:
            self.misses += 1
        return self.misses >= self.patience


@dataclass
class Best:
    """The epoch with the smallest (monitored value, tie-breaking loss), the earliest of equals.

    Zero-one errors are multiples of 1/n, so ties are normal.  `epoch` is 0 before the first.
    """

    value: float = math.inf
    loss: float = math.inf
    epoch: int = 0

    def update(self, epoch: int, value: float, loss: float) -> bool:
        """Whether this epoch is the best so far; if so it is remembered.  NaN never is."""
        better = not math.isnan(value) and (
            self.epoch == 0 or (value, loss) < (self.value, self.loss)
        )
        if better:
            self.value, self.loss, self.epoch = value, loss, epoch
        return better
