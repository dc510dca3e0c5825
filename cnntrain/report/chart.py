"""A chart: curves over a common axis, as an SVG image that stands alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from cnntrain.report.legend import Legend
from cnntrain.report.markup import Element, element, number
from cnntrain.report.reduce import envelope
from cnntrain.report.scale import Scale

WIDTH = 480.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 12.0, 12.0, 34.0  # margins around the plot
HEAD = 20.0  # height of the row above the plot
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
    _legend: Legend = field(default_factory=Legend)

    def line(
        self,
        label: str,
        x: Sequence[float],
        y: Sequence[float],
        color: int = 0,
        thin: bool = False,
    ) -> None:
        """A curve through points; it is broken where a value is not finite.

        Its element holds the points drawn in `data-x` and `data-y`, with all their digits.  A thin
        one is of something that has its place in the legend already, and has no dots.
        """
        dash = DASHES[color % len(DASHES)]
        x, y = envelope(x, y, MOST_POINTS)
        shown = [(a, b) for a, b in zip(x, y, strict=True) if math.isfinite(b)]
        path = element(
            "path",
            d=self._path(x, y),
            class_=f"line c{color}{' thin' if thin else ''}",
            stroke_dasharray=dash,
        )
        dots = self._dots(label, shown, color) if len(shown) <= MARKED and not thin else []
        self._curves.append(
            element("g", path, *dots, class_="curve", data_label=label, **_values(shown))
        )
        if not thin:
            self._legend.add(label, color, dash)

    def points(self, label: str, x: Sequence[float], y: Sequence[float], color: int = 0) -> None:
        """Dots without a curve, which the legend does not name.  One whose value is not finite, or
        is above the scale, is a cross at the upper edge."""
        pairs = list(zip(x, y, strict=True))
        inside = [(a, b) for a, b in pairs if math.isfinite(b) and b <= self.y.scale.high]
        beyond = [(a, b) for a, b in pairs if (a, b) not in inside]
        dots = self._dots(label, inside, color)
        self._curves.append(
            element("g", *dots, class_="points", data_label=label, **_values(inside))
        )
        if beyond:
            crosses = [
                element(
                    "path",
                    element("title", f"{label}, {self.x.title} {self.x.text(a)}: off the scale"),
                    d=_cross(self._across(a), self._ceiling),
                    class_=f"line c{color}",
                )
                for a, _ in beyond
            ]
            self._curves.append(
                element("g", *crosses, class_="beyond", data_label=label, data_x=_digits(beyond, 0))
            )

    def band(
        self, x: Sequence[float], low: Sequence[float], high: Sequence[float], color: int = 0
    ) -> None:
        """The area between two curves, as far as the scale goes.

        Its element holds them in `data-x`, `data-low` and `data-high`, with all their digits.
        """
        rows = zip(x, low, high, strict=True)
        there = [row for row in rows if math.isfinite(row[1]) and math.isfinite(row[2])]
        kept, _ = envelope(range(len(there)), [row[2] for row in there], MOST_POINTS)
        there = [there[int(k)] for k in kept]
        if there:
            floor, ceiling = self.y.scale.low, self.y.scale.high
            ahead = [self._point(a, min(c, ceiling)) for a, _, c in there]
            back = [self._point(a, max(b, floor)) for a, b, _ in reversed(there)]
            self._below.append(
                element(
                    "path",
                    d=f"M{'L'.join([*ahead, *back])}Z",
                    class_=f"band c{color}",
                    data_x=_digits(there, 0),
                    data_low=_digits(there, 1),
                    data_high=_digits(there, 2),
                )
            )

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
        legend, below = self._legend.above(WIDTH - RIGHT, TOP), 0.0
        if self._legend.width + Legend.room(_title(self.y)) > WIDTH:
            legend, below = self._legend.below(WIDTH, self._floor + BOTTOM)
        total = self._floor + BOTTOM + below
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
        return TOP + HEAD

    @property
    def _floor(self) -> float:
        return self._ceiling + self.height

    def _across(self, value: float) -> float:
        return LEFT + self.x.scale.place(value) * (WIDTH - LEFT - RIGHT)

    def _up(self, value: float) -> float:
        return self._floor - self.y.scale.place(value) * self.height

    def _point(self, x: float, y: float) -> str:
        return f"{number(self._across(x))} {number(self._up(y))}"

    def _dots(self, label: str, points: Sequence[tuple[float, float]], color: int) -> list[Element]:
        return [
            element(
                "circle",
                element("title", f"{label}, {self.x.title} {self.x.text(a)}: {self.y.text(b)}"),
                cx=self._across(a),
                cy=self._up(b),
                r=2.5,
                class_=f"dot c{color}",
            )
            for a, b in points
        ]

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
        found += [
            element(
                "line", x1=LEFT, x2=WIDTH - RIGHT, y1=self._floor, y2=self._floor, class_="axis"
            ),
            element("text", _title(self.y), x=4.0, y=TOP + 4, class_="name"),
            element("text", _title(self.x), x=WIDTH - RIGHT, y=self._floor + 31, class_="name end"),
        ]
        return found


def _title(axis: Axis) -> str:
    return f"{axis.title}, log scale" if axis.scale.log else axis.title


def _values(pairs: Sequence[tuple[float, float]]) -> dict[str, str]:
    """What an element says of its points."""
    return {"data_x": _digits(pairs, 0), "data_y": _digits(pairs, 1)}


def _digits(rows: Sequence[tuple[float, ...]], column: int) -> str:
    """Numbers with all their digits."""
    return " ".join(repr(float(row[column])) for row in rows)


def _cross(x: float, y: float) -> str:
    left, right, top, bottom = (number(place) for place in (x - 4, x + 4, y - 4, y + 4))
    return f"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"
