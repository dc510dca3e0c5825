"""What a chart consists of, in the numbers that are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.reports.reduce import envelope
from cnntrain.reports.scale import Scale

MOST_POINTS = 1000  # of a curve
DASHES = (None, "6 3", "2 3", "8 3 2 3")

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """What an axis shows, on which scale, and how its ticks are written."""

    title: str
    scale: Scale
    format: str = "g"

    @property
    def full_title(self) -> str:
        """With what has to be known to read it."""
        return f"{self.title}, log scale" if self.scale.log else self.title

    def text(self, value: float) -> str:
        """A value as a label."""
        if self.format == "%":
            return f"{100 * value:.4g} %"
        if 0 < abs(value) < 1e-3:  # "2.345e-4" has room where "0.0002345" has none
            digits, power = f"{value:.3e}".split("e")
            return f"{float(digits):g}e{int(power)}"
        return f"{value:,.0f}" if self.format == "d" else f"{value:.4g}"


@dataclass(frozen=True)
class Line:
    """A curve through points, broken where a value is not finite; of many, those that stick out.  A
    thin one is of something that has its place in the legend already, and has no dots."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    color: int
    thin: bool

    @classmethod
    def through(
        cls, label: str, x: Sequence[float], y: Sequence[float], color: int, thin: bool
    ) -> Line:
        """That through (x, y), of which MOST_POINTS are kept."""
        return cls(label, *envelope(x, y, MOST_POINTS), color, thin)

    @property
    def dash(self) -> str | None:
        """The lengths of strokes and gaps; None where it is solid."""
        return DASHES[self.color % len(DASHES)]

    @property
    def shown(self) -> list[Point]:
        """The points that are there."""
        return [(a, b) for a, b in zip(self.x, self.y, strict=True) if math.isfinite(b)]


@dataclass(frozen=True)
class Points:
    """Dots without a curve, and those that are not finite, or above the scale.

    sizes   of the dots `inside`, as which their areas are; none: all are small
    """

    label: str
    inside: Sequence[Point]
    beyond: Sequence[Point]
    color: int
    sizes: Sequence[float] = ()


@dataclass(frozen=True)
class Rings:
    """Points that stand out on a curve, with a label for the pointer."""

    label: str
    points: Sequence[Point]
    color: int


@dataclass(frozen=True)
class Band:
    """The area between two curves, as rows (x, low, high)."""

    rows: Sequence[tuple[float, float, float]]
    color: int


@dataclass(frozen=True)
class Mark:
    """A vertical line, or a level one, with a label for the pointer, and where it is `named` in the
    legend."""

    at: float
    label: str
    kind: str
    level: bool = False
    named: bool = False


@dataclass(frozen=True)
class Shade:
    """A stretch of the axis, shaded."""

    start: float
    stop: float
    label: str
