"""Scales: from values to places on an axis, and where its ticks are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

ROUNDING = 1e-9  # difference of values, relative to them, that is none
NEAR_ZERO = 0.25  # of the length of a scale of positive values: 0 is shown where it is as near
LOG_FROM = 100.0  # largest over smallest value from which on a scale is logarithmic


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high`, low < high, at places from 0 to 1; `whole` ones count things."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    @classmethod
    def over(cls, values: Iterable[float], log: bool | None = None, zero: bool = False) -> Scale:
        """A scale that shows all finite values.

        log    None: where they are positive and differ by a factor of 100 or more
        zero   whether 0 is shown, too, on a scale that is not logarithmic; where it is near, it is
        """
        finite = [value for value in values if math.isfinite(value)]
        low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
        if log is None:
            log = low > 0 and high / low >= LOG_FROM
        if not log and (zero or 0 < low <= NEAR_ZERO * (high - low)):
            low, high = min(low, 0.0), max(high, 0.0)
        alike = high - low <= ROUNDING * max(abs(low), abs(high))
        if log:
            return cls(low / 2, high * 2, True) if alike else cls(low, high, True)
        if alike:
            room = abs(low) / 2 or 0.5
            return cls(low - room, high + room)
        return cls(low, high)

    def place(self, value: float) -> float:
        """Where a value is: 0 at `low`, 1 at `high`."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, place: float) -> float:
        """The value at a place."""
        if self.log:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + place * (self.high - self.low)

    def ticks(self, count: int = 5) -> list[float]:
        """Round values on the scale, about `count` of them, in ascending order."""
        decades = math.log10(self.high / self.low) if self.log else 0.0
        if decades < 1.5:
            return _multiples(self.low, self.high, count, least=1.0 if self.whole else 0.0)
        first, last = (
            math.ceil(math.log10(self.low) - 1e-9),
            math.floor(math.log10(self.high) + 1e-9),
        )
        every = math.ceil((last - first + 1) / (count + 1))
        return [10.0**power for power in range(first, last + 1, every)]


def _multiples(low: float, high: float, count: int, least: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, `least` or more, between two numbers."""
    rough = max((high - low) / count, least)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [step * k for k in range(first, last + 1)]
