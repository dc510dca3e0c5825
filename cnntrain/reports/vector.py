"""A chart as an SVG image that stands alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnntrain.reports.legend import CHARACTER, Legend
from cnntrain.reports.markup import Element, element, number
from cnntrain.reports.shapes import Band, Line, Mark, Point, Points, Rings, Shade

if TYPE_CHECKING:
    from cnntrain.reports.chart import Chart

WIDTH = 480.0
LEFT, RIGHT, TOP, BOTTOM = 66.0, 12.0, 12.0, 36.0  # margins around the plot
HEAD = 20.0  # height of the row above the plot
DOT, LARGEST = 2.5, 12.0  # radii of a dot, and of the largest where dots have sizes
MARKED = 32  # points up to which each of them is a dot


def draw(chart: Chart) -> Element:
    """The image; its elements hold what they show in `data-x`, `data-y` and so on, and the whole
    how high the plot is, and how values read: what hover.js needs to show them."""
    return _Canvas(chart).image()


class _Canvas:
    """Where things of a chart are in its image."""

    def __init__(self, chart: Chart) -> None:
        self.chart, self.x, self.y = chart, chart.x, chart.y
        self.ceiling = TOP + HEAD
        self.floor = self.ceiling + chart.height

    def image(self) -> Element:
        chart, legend = self.chart, Legend()
        for curve in chart.curves:
            if isinstance(curve, Line) and not curve.thin:
                legend.add(curve.label, f"line c{curve.color}", curve.dash)
        for shape in chart.below:
            if isinstance(shape, Mark) and shape.named:
                legend.add(shape.label, shape.kind)
        words, below = legend.above(WIDTH - RIGHT, TOP), 0.0
        if legend.width + Legend.room(self.y.full_title) > WIDTH:
            words, below = legend.below(WIDTH, self.floor + BOTTOM)
        return element(
            "svg",
            element("title", chart.title),
            element("desc", chart.description),
            *self._grid(),
            *(self._below(shape) for shape in chart.below),
            *(drawn for curve in chart.curves for drawn in self._curve(curve)),
            *words,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(WIDTH)} {number(self.floor + BOTTOM + below)}",
            role="img",
            class_="chart",
            data_name=chart.name,
            data_plot=f"{number(self.ceiling)} {number(self.floor)}",
            data_x_title=self.x.title,
            data_y_format=self.y.format,
        )

    # Shapes ----------------------------------------------------------------------------------

    def _below(self, shape: Shade | Band | Mark) -> Element:
        match shape:
            case Shade():
                first, last = self._across(shape.start), self._across(shape.stop)
                return element(
                    "rect",
                    element("title", shape.label),
                    x=first,
                    y=self.ceiling,
                    width=last - first,
                    height=self.floor - self.ceiling,
                    class_="shade",
                )
            case Band():
                return self._band(shape)
            case Mark(level=True):
                y = self._up(shape.at)
                ends = {"x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y}
            case Mark():
                x = self._across(shape.at)
                ends = {"x1": x, "x2": x, "y1": self.ceiling, "y2": self.floor}
        return element("line", element("title", shape.label), class_=shape.kind, **ends)

    def _band(self, band: Band) -> Element:
        low, high = self.y.scale.low, self.y.scale.high
        ahead = [self._point(a, min(c, high)) for a, _, c in band.rows]
        back = [self._point(a, max(b, low)) for a, b, _ in reversed(band.rows)]
        return element(
            "path",
            d=f"M{'L'.join([*ahead, *back])}Z",
            class_=f"band c{band.color}",
            data_x=_digits(band.rows, 0),
            data_low=_digits(band.rows, 1),
            data_high=_digits(band.rows, 2),
        )

    def _curve(self, curve: Line | Points | Rings) -> list[Element]:
        match curve:
            case Points():
                return self._points(curve)
            case Rings():
                return [self._rings(curve)]
        return [self._line(curve)]

    def _line(self, curve: Line) -> Element:
        path = element(
            "path",
            d=self._path(curve.x, curve.y),
            class_=f"line c{curve.color}{' thin' if curve.thin else ''}",
            stroke_dasharray=curve.dash,
        )
        shown = curve.shown
        dotted = len(curve.x) <= MARKED and not curve.thin
        dots = self._dots(curve.label, shown, curve.color) if dotted else []
        return element("g", path, *dots, class_="curve", data_label=curve.label, **_values(shown))

    def _rings(self, rings: Rings) -> Element:
        drawn = (
            element(
                "circle",
                element("title", rings.label),
                cx=self._across(x),
                cy=self._up(y),
                r=4.5,
                class_=f"ring c{rings.color}",
            )
            for x, y in rings.points
        )
        return element("g", *drawn, class_="rings", data_label=rings.label, **_values(rings.points))

    def _points(self, points: Points) -> list[Element]:
        label, inside, beyond = points.label, points.inside, points.beyond
        dots = self._dots(label, inside, points.color, points.sizes)
        found = [element("g", *dots, class_="points", data_label=label, **_values(inside))]
        if beyond:
            crosses = [
                element(
                    "path",
                    element("title", f"{label}, {self.x.title} {self.x.text(a)}: off the scale"),
                    d=_cross(self._across(a), self.ceiling),
                    class_=f"line c{points.color}",
                )
                for a, _ in beyond
            ]
            found.append(
                element("g", *crosses, class_="beyond", data_label=label, data_x=_digits(beyond, 0))
            )
        return found

    def _dots(
        self, label: str, points: Sequence[Point], color: int, sizes: Sequence[float] = ()
    ) -> list[Element]:
        shares = [size / max(sizes) for size in sizes] or [0.0] * len(points)
        return [
            element(
                "circle",
                element("title", f"{label}, {self.x.title} {self.x.text(a)}: {self.y.text(b)}"),
                cx=self._across(a),
                cy=self._up(b),
                r=max(DOT, LARGEST * math.sqrt(share)),
                class_=f"dot c{color}",
            )
            for (a, b), share in zip(points, shares, strict=True)
        ]

    def _path(self, x: Sequence[float], y: Sequence[float]) -> str:
        parts, broken = [], True
        for a, b in zip(x, y, strict=True):
            if math.isfinite(b):
                parts.append(("M" if broken else "L") + self._point(a, b))
            broken = not math.isfinite(b)
        return "".join(parts)

    # Axes ------------------------------------------------------------------------------------

    def _grid(self) -> list[Element]:
        """Lines and labels of the ticks, and what the axes show."""
        found, floor = [], self.floor
        for value in self.y.scale.ticks():
            y = self._up(value)
            found += [
                element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"),
                element("text", self.y.text(value), x=LEFT - 6, y=y + 4, class_="tick y"),
            ]
        for value in self.x.scale.ticks(6):
            x, text = self._across(value), self.x.text(value)
            middle = min(x, WIDTH - CHARACTER * len(text) / 2)
            found += [
                element("line", x1=x, x2=x, y1=floor, y2=floor + 4, class_="axis"),
                element("text", text, x=middle, y=floor + 17, class_="tick x"),
            ]
        end = WIDTH - RIGHT
        found += [
            element("line", x1=LEFT, x2=end, y1=floor, y2=floor, class_="axis"),
            element("text", self.y.full_title, x=4.0, y=TOP + 4, class_="name"),
            element("text", self.x.full_title, x=end, y=floor + 31, class_="name end"),
        ]
        return found

    def _across(self, value: float) -> float:
        return LEFT + self.x.scale.place(value) * (WIDTH - LEFT - RIGHT)

    def _up(self, value: float) -> float:
        return self.floor - self.y.scale.place(value) * self.chart.height

    def _point(self, x: float, y: float) -> str:
        return f"{number(self._across(x))} {number(self._up(y))}"


def _values(pairs: Sequence[Point]) -> dict[str, str]:
    """What an element says of its points."""
    return {"data_x": _digits(pairs, 0), "data_y": _digits(pairs, 1)}


def _digits(rows: Sequence[tuple[float, ...]], column: int) -> str:
    """Numbers with all their digits."""
    return " ".join(repr(float(row[column])) for row in rows)


def _cross(x: float, y: float) -> str:
    left, right, top, bottom = (number(place) for place in (x - 4, x + 4, y - 4, y + 4))
    return f"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"
