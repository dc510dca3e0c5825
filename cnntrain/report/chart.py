"""A chart: curves over a common axis, as an SVG image that stands alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from cnntrain.report.markup import Element, element, number
from cnntrain.report.reduce import envelope
from cnntrain.report.scale import Scale

WIDTH = 480.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 12.0, 34.0  # margins around the plot
LEGEND = 20.0  # height of a row above the plot
CHARACTER = 7.0  # width of one, about
MOST_POINTS = 1000  # of a curve
MARKED = 120  # points up to which each of them is a dot
DASHES = (None, "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True)
class Axis:
    """What an axis shows, on which scale, and how its ticks are written."""

    title: str
    scale: Scale
    format: str = "g"

    def text(self, value: float) -> str:
        """A value as a label."""
        if self.format == "%":
            return f"{100 * value:.4g} %"
        return f"{value:,.0f}" if self.format == "d" else f"{value:.4g}"


@dataclass
class Chart:
    """Curves, bands, marks and shades, drawn in this order on one pair of axes.

    name          of the file, and of the image in the page
    description   what is to be seen, for those who do not see it
    """

    name: str
    title: str
    description: str
    x: Axis
    y: Axis
    height: float = 220.0
    _below: list[Element] = field(default_factory=list)
    _curves: list[Element] = field(default_factory=list)
    _legend: list[tuple[str, int, str | None]] = field(default_factory=list)

    def line(self, label: str, x: Sequence[float], y: Sequence[float], color: int = 0) -> None:
        """A curve through points; it is broken where a value is not finite.

        Its element holds the points drawn in `data-x` and `data-y`, with all their digits.
        """
        dash = DASHES[color % len(DASHES)]
        x, y = envelope(x, y, MOST_POINTS)
        shown = [(a, b) for a, b in zip(x, y, strict=True) if math.isfinite(b)]
        path = element(
            "path",
            d=self._path(x, y),
            class_=f"line c{color}",
            stroke_dasharray=dash,
        )
        dots: list[Element] = []
        if len(shown) <= MARKED:
            dots = [
                element(
                    "circle",
                    element("title", f"{label}, {self.x.title} {self.x.text(a)}: {self.y.text(b)}"),
                    cx=self._across(a),
                    cy=self._up(b),
                    r=2.5,
                    class_=f"dot c{color}",
                )
                for a, b in shown
            ]
        self._curves.append(
            element(
                "g",
                path,
                *dots,
                class_="curve",
                data_label=label,
                data_x=" ".join(repr(float(a)) for a, _ in shown),
                data_y=" ".join(repr(float(b)) for _, b in shown),
            )
        )
        self._legend.append((label, color, dash))

    def band(
        self, x: Sequence[float], low: Sequence[float], high: Sequence[float], color: int = 0
    ) -> None:
        """The area between two curves."""
        there = [k for k in range(len(x)) if math.isfinite(low[k]) and math.isfinite(high[k])]
        if there:
            ahead = [self._point(x[k], high[k]) for k in there]
            back = [self._point(x[k], low[k]) for k in reversed(there)]
            d = f"M{'L'.join([*ahead, *back])}Z"
            self._below.append(element("path", d=d, class_=f"band c{color}"))

    def mark(self, x: float, label: str, kind: str = "mark") -> None:
        """A vertical line with a label for the pointer."""
        place = self._across(x)
        self._below.append(
            element(
                "line",
                element("title", label),
                x1=place,
                x2=place,
                y1=self._ceiling,
                y2=self._floor,
                class_=kind,
            )
        )

    def shade(self, start: float, stop: float, label: str) -> None:
        """A stretch of the axis, shaded."""
        first, last = self._across(start), self._across(stop)
        self._below.insert(
            0,
            element(
                "rect",
                element("title", label),
                x=first,
                y=self._ceiling,
                width=last - first,
                height=self._floor - self._ceiling,
                class_="shade",
            ),
        )

    def svg(self) -> Element:
        """The image."""
        legend = self._legend_rows()
        total = self._floor + BOTTOM
        return element(
            "svg",
            element("title", self.title),
            element("desc", self.description),
            *self._grid(),
            *self._below,
            *self._curves,
            *legend,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(WIDTH)} {number(total)}",
            role="img",
            class_="chart",
            data_name=self.name,
        )

    @property
    def _ceiling(self) -> float:
        return TOP + LEGEND

    @property
    def _floor(self) -> float:
        return self._ceiling + self.height

    def _across(self, value: float) -> float:
        return LEFT + self.x.scale.place(value) * (WIDTH - LEFT - RIGHT)

    def _up(self, value: float) -> float:
        return self._floor - self.y.scale.place(value) * self.height

    def _point(self, x: float, y: float) -> str:
        return f"{number(self._across(x))} {number(self._up(y))}"

    def _path(self, x: Sequence[float], y: Sequence[float]) -> str:
        parts, broken = [], True
        for a, b in zip(x, y, strict=True):
            if math.isfinite(b):
                parts.append(("M" if broken else "L") + self._point(a, b))
            broken = not math.isfinite(b)
        return "".join(parts)

    def _grid(self) -> list[Element]:
        """Lines and labels of the ticks, and what the axes show."""
        found = []
        for value in self.y.scale.ticks():
            y = self._up(value)
            found += [
                element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"),
                element("text", self.y.text(value), x=LEFT - 6, y=y + 4, class_="tick y"),
            ]
        for value in self.x.scale.ticks(6):
            x = self._across(value)
            found += [
                element("line", x1=x, x2=x, y1=self._floor, y2=self._floor + 4, class_="axis"),
                element("text", self.x.text(value), x=x, y=self._floor + 17, class_="tick x"),
            ]
        log = ", log scale" if self.y.scale.log else ""
        found += [
            element(
                "line", x1=LEFT, x2=WIDTH - RIGHT, y1=self._floor, y2=self._floor, class_="axis"
            ),
            element("text", f"{self.y.title}{log}", x=4.0, y=TOP + 4, class_="name"),
            element("text", self.x.title, x=WIDTH - RIGHT, y=self._floor + 31, class_="name end"),
        ]
        return found

    def _legend_rows(self) -> list[Element]:
        """What each curve is, in one row at the right."""
        if len(self._legend) < 2:
            return []
        found, right = [], WIDTH - RIGHT
        for label, color, dash in reversed(self._legend):
            left = right - CHARACTER * len(label) - 24
            found += [
                element(
                    "line",
                    x1=left,
                    x2=left + 18,
                    y1=TOP,
                    y2=TOP,
                    class_=f"line c{color}",
                    stroke_dasharray=dash,
                ),
                element("text", label, x=left + 22, y=TOP + 4, class_="name"),
            ]
            right = left - 10
        return found
