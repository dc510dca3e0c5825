"""The range of training inputs: new inputs on another scale get confident, meaningless answers.

A range tells pictures in [0, 255] from the same ones divided by 255, scaled to [-1, 1] or stored
with 16 bits.  It does not tell [0, 1] from [-1, 1], inverted pictures, or another order of the
channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FAR = 1.0  # beyond the range by more than this share of it: on another scale
SMALL = 1 / 16  # a share of the range: all inputs within it are on another scale
MANY = 16  # as many inputs are not all dark by chance


@dataclass(frozen=True)
class InputRange:
    """Type, smallest and largest value of raw inputs."""

    dtype: str
    minimum: float
    maximum: float

    @classmethod
    def of(cls, x: Array) -> InputRange:
        """That of the raw inputs x (N, ...), N >= 1."""
        return cls(x.dtype.name, float(x.min()), float(x.max()))

    def joined(self, other: InputRange) -> InputRange:
        """That of both, of inputs of one type."""
        low, high = min(self.minimum, other.minimum), max(self.maximum, other.maximum)
        return InputRange(self.dtype, low, high)

    def problem(self, found: InputRange, count: int, what: str) -> str | None:
        """Why `count` raw inputs with the range `found`, called `what`, seem to be on another scale
        than training inputs with this range; None where they do not.

        Values far outside of it are.  Values in a small part of it are if they are of another kind
        of number, such as fractions instead of bytes, or if there are many inputs.
        """
        span, width = self.maximum - self.minimum, found.maximum - found.minimum
        beyond = max(found.maximum - self.maximum, self.minimum - found.minimum)
        other_kind = np.dtype(found.dtype).kind != np.dtype(self.dtype).kind
        squeezed = 0 < width < SMALL * span and (other_kind or count >= MANY)
        if not (beyond > FAR * span or squeezed):
            return None
        return (
            f"{what} lie between {found}, the inputs trained on between {self}: are they on "
            "another scale?"
        )

    def __str__(self) -> str:
        return f"{self.minimum:g} and {self.maximum:g} ({self.dtype})"
