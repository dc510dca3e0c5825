"""What adds up over the samples of a batch, a part of the data or an epoch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sums:
    """What adds up over samples: the losses, the zero-one losses, the arg max ties.

    Accumulated in float64; `errors` and `ties` are 0 where the targets are vectors.
    """

    samples: int = 0
    loss: float = 0.0
    errors: int = 0
    ties: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
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
