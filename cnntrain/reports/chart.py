"""A chart: curves over a common axis, described by what they show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress

from cnntrain.reports import vector
from cnntrain.reports.markup import Element
from cnntrain.reports.reduce import envelope
from cnntrain.reports.shapes import MOST_POINTS, Axis, Band, Line, Mark, Point, Points, Rings, Shade

__all__ = ["Axis", "Chart"]


@dataclass
class Chart:
    """Shades, bands and marks, and curves above them, on one pair of axes.

    name          of the file, and of the image in the page
    description   what is to be seen, for those who do not see it
    below         what is drawn first, in this order
    curves        what is drawn then
    """

    name: str
    title: str
    description: str
    x: Axis
    y: Axis
    height: float = 220.0
    below: list[Shade | Band | Mark] = field(default_factory=list)
    curves: list[Line | Points | Rings] = field(default_factory=list)

    def line(
        self,
        label: str,
        x: Sequence[float],
        y: Sequence[float],
        color: int = 0,
        thin: bool = False,
    ) -> None:
        """A curve through points; it is broken where a value is not finite.

        A thin one is of something that has its place in the legend already, and has no dots.
        """
        self.curves.append(Line.through(label, x, y, color, thin))

    def points(
        self,
        label: str,
        x: Sequence[float],
        y: Sequence[float],
        color: int = 0,
        sizes: Sequence[float] = (),
    ) -> None:
        """Dots without a curve, which the legend does not name, with areas as `sizes`.  One whose
        value is not finite, or is above the scale, is a cross at the upper edge."""
        pairs = list(zip(x, y, strict=True))
        inside = [math.isfinite(b) and b <= self.y.scale.high for _, b in pairs]
        self.curves.append(
            Points(
                label,
                list(compress(pairs, inside)),
                [pair for pair, one in zip(pairs, inside, strict=True) if not one],
                color,
                list(compress(sizes, inside)),
            )
        )

    def rings(self, label: str, points: Sequence[Point], color: int = 0) -> None:
        """Points of a curve that stand out, with a label for the pointer."""
        self.curves.append(Rings(label, points, color))

    def band(
        self, x: Sequence[float], low: Sequence[float], high: Sequence[float], color: int = 0
    ) -> None:
        """The area between two curves, as far as the scale goes."""
        rows = zip(x, low, high, strict=True)
        there = [row for row in rows if math.isfinite(row[1]) and math.isfinite(row[2])]
        kept, _ = envelope(range(len(there)), [row[2] for row in there], MOST_POINTS)
        if there:
            self.below.append(Band([there[int(k)] for k in kept], color))

    def mark(self, x: float, label: str, kind: str = "mark", named: bool = False) -> None:
        """A vertical line with a label for the pointer, and where it is `named` in the legend."""
        self.below.append(Mark(x, label, kind, named=named))

    def level(self, y: float, label: str) -> None:
        """A horizontal line with a label for the pointer."""
        self.below.append(Mark(y, label, "mark", level=True))

    def shade(self, start: float, stop: float, label: str) -> None:
        """A stretch of the axis, shaded."""
        self.below.insert(0, Shade(start, stop, label))

    def svg(self) -> Element:
        """The image.  An element of a curve or a band holds what it shows in `data-x`, `data-y` and
        so on, with all digits."""
        return vector.draw(self)
