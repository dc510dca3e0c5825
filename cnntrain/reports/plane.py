"""The plane of two inputs, cut into decision regions, with samples over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.reports.legend import Legend
from cnntrain.reports.markup import Element, element, number
from cnntrain.reports.scale import Scale
from cnntrain.reports.shapes import Axis

Array = NDArray[Any]
CELLS, SIDE = 80, 3  # of the plane in a row and a column, and the side of each in the image
LEFT, RIGHT, TOP, BOTTOM = 36, 6, 24, 34  # margins around the plane
WIDTH = LEFT + CELLS * SIDE + RIGHT
SURE = (0.0, 0.6, 0.75, 0.9)  # p from which on a region has one more layer of its color
COLORS = 8


@dataclass(frozen=True, eq=False)
class Points:
    """Samples as dots.

    x       (n, 2), raw
    labels  (n,)
    wrong   (n,), whether the answer is another class; None for samples that only lie there
    """

    x: Array
    labels: Array
    wrong: Array | None = None


@dataclass(frozen=True, eq=False)
class Plane:
    """What a network answers in a plane of raw inputs.

    title    of the image, `heading` and `note` above the plane
    p        (CELLS, CELLS, classes), at the centres of the cells: first axis up, second across
    lines    (n, 3), rows a, b, c: the points with a x1 + b x2 = c
    """

    name: str
    title: str
    heading: str
    note: str
    classes: Sequence[str]
    across: Axis
    up: Axis
    p: Array
    points: Sequence[Points] = ()
    lines: Array | None = None

    @classmethod
    def centres(cls, across: Scale, up: Scale) -> Array:
        """Where the cells are, (CELLS^2, 2), row by row from below."""
        places = (np.arange(CELLS) + 0.5) / CELLS
        x = [across.value(place) for place in places.tolist()]
        y = [up.value(place) for place in places.tolist()]
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def place(self, x: Array) -> Array:
        """Raw inputs (n, 2) as places in the image, (n, 2)."""
        low = np.array([self.across.scale.low, self.up.scale.low])
        high = np.array([self.across.scale.high, self.up.scale.high])
        share = (x - low) / (high - low)
        return np.stack(
            [LEFT + CELLS * SIDE * share[:, 0], TOP + CELLS * SIDE * (1 - share[:, 1])], axis=1
        )

    def svg(self) -> Element:
        """The image."""
        legend = Legend()
        for c, name in enumerate(self.classes):
            legend.add(name, f"line c{c % COLORS}")
        floor = TOP + CELLS * SIDE
        words, height = legend.below(float(WIDTH), floor + float(BOTTOM))
        return element(
            "svg",
            element("title", self.title),
            element("desc", self._description),
            *self._regions(),
            *self._axes(floor),
            *self._lines(),
            *(dot for points in self.points for dot in self._dots(points)),
            element("text", self.heading, x=float(LEFT), y=14.0, class_="name"),
            element("text", self.note, x=float(WIDTH - RIGHT), y=14.0, class_="name end"),
            *words,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {number(floor + BOTTOM + height)}",
            role="img",
            class_="chart",
            data_name=self.name,
        )

    @property
    def _description(self) -> str:
        shares = np.bincount(self.p.argmax(axis=-1).ravel(), minlength=len(self.classes))
        parts = (
            f"{name} {100 * share / CELLS**2:.0f} %"
            for name, share in zip(self.classes, shares.tolist(), strict=True)
        )
        return f"{self.heading}, {self.note}. Shares of the plane that is shown: {', '.join(parts)}"

    def _regions(self) -> Iterator[Element]:
        answers, sure = self.p.argmax(axis=-1), self.p.max(axis=-1)
        for c in range(len(self.classes)):
            for least in SURE:
                strips = list(_rectangles((answers == c) & (sure >= least)))
                if strips:
                    yield element(
                        "path",
                        element("title", self.classes[c]),
                        d="".join(map(_outline, strips)),
                        class_=f"band region c{c % COLORS}",
                        data_class=c,
                        data_least=least,
                    )

    def _axes(self, floor: int) -> Iterator[Element]:
        right = LEFT + CELLS * SIDE
        yield element("path", d=_box(LEFT, TOP, right, floor), class_="outline")
        for value in self.across.scale.ticks(3):
            x = LEFT + CELLS * SIDE * self.across.scale.place(value)
            yield element("line", x1=x, x2=x, y1=floor, y2=floor + 4, class_="axis")
            yield element("text", self.across.text(value), x=x, y=floor + 17, class_="tick x")
        for value in self.up.scale.ticks(3):
            y = floor - CELLS * SIDE * self.up.scale.place(value)
            yield element("line", x1=LEFT - 4, x2=LEFT, y1=y, y2=y, class_="axis")
            yield element("text", self.up.text(value), x=LEFT - 6, y=y + 4, class_="tick y")
        yield element("text", self.across.title, x=right, y=floor + 31, class_="name end")
        yield element("text", self.up.title, x=4, y=14, class_="name")

    def _lines(self) -> Iterator[Element]:
        across, up = self.across.scale, self.up.scale
        for a, b, c in () if self.lines is None else self.lines.tolist():
            ends = _clipped(a, b, c, across, up)
            if ends:
                (x1, y1), (x2, y2) = self.place(np.array(ends, dtype=float)).tolist()
                yield element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="path")

    def _dots(self, points: Points) -> Iterator[Element]:
        wrong = points.wrong if points.wrong is not None else np.zeros(len(points.x), bool)
        kind, r = (" seen", 1.8) if points.wrong is None else ("", 3.0)
        rows = zip(points.x.tolist(), points.labels.tolist(), wrong.tolist(), strict=True)
        for (x, y), (raw, label, missed) in zip(self.place(points.x).tolist(), rows, strict=True):
            yield element(
                "circle",
                element("title", f"{self.classes[label]} ({raw[0]:.3g}, {raw[1]:.3g})"),
                cx=x,
                cy=y,
                r=r,
                class_=f"dot c{label % COLORS}{kind}{' wrong' if missed else ''}",
            )


def _rectangles(mask: Array) -> Iterator[tuple[int, int, int, int]]:
    """The cells of a mask as few rectangles: first column, first row, and those behind the last."""
    begun: dict[tuple[int, int], int] = {}
    edge = np.zeros((mask.shape[0] + 1, 1), dtype=np.int8)
    steps = np.diff(np.vstack([mask, mask[:1] & False]).astype(np.int8), prepend=edge, append=edge)
    for row, step in enumerate(steps):
        runs = set(
            zip(np.flatnonzero(step > 0).tolist(), np.flatnonzero(step < 0).tolist(), strict=True)
        )
        for run in sorted(begun.keys() - runs):
            yield run[0], begun.pop(run), run[1], row
        for run in runs - begun.keys():
            begun[run] = row


def _outline(cells: tuple[int, int, int, int]) -> str:
    left, low, right, high = cells
    floor = TOP + CELLS * SIDE
    return _box(LEFT + SIDE * left, floor - SIDE * high, LEFT + SIDE * right, floor - SIDE * low)


def _box(left: int, top: int, right: int, bottom: int) -> str:
    return f"M{left} {top}L{right} {top}L{right} {bottom}L{left} {bottom}Z"


def _clipped(a: float, b: float, c: float, across: Scale, up: Scale) -> list[tuple[float, float]]:
    """The two ends of a x1 + b x2 = c inside the plane; none where it does not meet it."""
    met = set()
    for x in (across.low, across.high):
        if b and up.low <= (c - a * x) / b <= up.high:
            met.add((x, (c - a * x) / b))
    for y in (up.low, up.high):
        if a and across.low <= (c - b * y) / a <= across.high:
            met.add(((c - b * y) / a, y))
    return sorted(met)[:: len(met) - 1] if len(met) > 1 else []
