"""Runs that differ in seed and fold alone, as one curve with a band."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnntrain.metrics import MEASURES
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.scale import Scale
from cnntrain.reports.shapes import Point
from cnntrain.runs.reader import Columns

Array = NDArray[np.float64]
LOSSES = {name for name, one in MEASURES.items() if not one.share}
LEAST = 0.1  # times the smallest mean: how low a band takes a scale of positive values
BLOWN_UP = 1000.0  # times the median of the groups' largest values: losses above are crosses


@dataclass(frozen=True)
class Curve:
    """A column of several tables: mean and standard deviation (n - 1) by row, as far as all of
    them go, and from there the rest of those that go on.

    x, mean    (rows,)
    deviation  (rows,), None of a single sample
    rests      x and values of each table that is longer, from the last common row on
    best       the best rows, on the mean as far as that goes
    """

    x: Array
    mean: Array
    deviation: Array | None
    rests: tuple[tuple[Array, Array], ...]
    best: tuple[Point, ...] = ()

    @property
    def values(self) -> list[float]:
        """What a scale is to show."""
        found = [self.mean, *(y for _, y in self.rests)]
        if self.deviation is not None:
            positive = self.mean[np.isfinite(self.mean) & (self.mean > 0)]
            least = LEAST * positive.min() if len(positive) == len(self.mean) > 0 else -np.inf
            found += [self.mean + self.deviation, np.maximum(self.mean - self.deviation, least)]
        return [float(value) for value in np.concatenate(found)]


@dataclass(frozen=True, eq=False)
class Group:
    """Tables of runs that belong together, such as their metrics.csv, under one name.

    folds   the fold of each; means are over the folds where there are several
    color   of its curves
    best    the number of the best row of each, from 0; None where nothing tells
    """

    name: str
    tables: tuple[Columns, ...]
    folds: tuple[Hashable, ...]
    color: int = 0
    best: tuple[int | None, ...] = ()

    def curve(self, column: str, x: str = "epoch") -> Curve | None:
        """The mean of a column; None where no table has a number in it."""
        pairs = [
            (fold, table)
            for fold, table in zip(self.folds, self.tables, strict=True)
            if column in table and np.isfinite(table[column]).any()
        ]
        if not pairs:
            return None
        rows = min(len(table[column]) for _, table in pairs)
        places = np.mean([table[x][:rows] for _, table in pairs], axis=0)
        values = np.array([table[column][:rows] for _, table in pairs])
        by_fold = list(dict.fromkeys(fold for fold, _ in pairs))
        if len(by_fold) > 1:
            own = [np.array([fold == one for fold, _ in pairs]) for one in by_fold]
            values = np.array([values[which].mean(axis=0) for which in own])
        deviation = values.std(axis=0, ddof=1) if len(values) > 1 else None
        rests = tuple(
            (table[x][rows - 1 :], table[column][rows - 1 :])
            for _, table in pairs
            if len(table[column]) > rows
        )
        mean = values.mean(axis=0)
        best = {
            (places[row], mean[row]) if row < rows else (table[x][row], table[column][row])
            for row, table in zip(self.best, self.tables, strict=False)
            if row is not None and column in table and row < len(table[column])
        }
        shown = ((float(a), float(b)) for a, b in sorted(best) if np.isfinite(b))
        return Curve(places, mean, deviation, rests, tuple(shown))


def overlaid(
    name: str,
    column: str,
    title: str,
    groups: Sequence[Group],
    format_: str = "g",
    x: str = "epoch",
    x_title: str = "",
) -> Chart | None:
    """A chart of one column of all groups, each with its band; None where none has numbers.

    x   the column that the horizontal axis shows: epoch, step, or any other
    """
    found = [(group, curve) for group in groups if (curve := group.curve(column, x)) is not None]
    if not found:
        return None
    ends = [*(rest for _, curve in found for rest, _ in curve.rests), *(c.x for _, c in found)]
    places = [float(value) for end in ends for value in end]
    whole = x in {"epoch", "step"}
    across = Scale(0.0, max(*places, 1.0), whole=True) if whole else Scale.over(places)
    ceiling = _ceiling(curve for _, curve in found) if column in LOSSES else math.inf
    shown = (value for _, curve in found for value in curve.values if value <= ceiling)
    up = Scale.over(shown, zero=format_ == "%")
    chart = Chart(
        name,
        f"{title} by {x_title or x}",
        f"{title} of {len(found)} groups of runs: {', '.join(group.name for group, _ in found)}",
        Axis(x_title or x, across, "d" if whole else "g"),
        Axis(title, up, format_),
    )
    for group, curve in found:
        here = np.where(curve.mean <= ceiling, curve.mean, np.nan)
        if curve.deviation is not None:
            low, high = here - curve.deviation, here + curve.deviation
            chart.band(curve.x.tolist(), low.tolist(), high.tolist(), group.color)
        chart.line(group.name, curve.x.tolist(), here.tolist(), group.color)
        above = curve.x[curve.mean > ceiling].tolist()
        if above:
            chart.points(group.name, above, [math.inf] * len(above), group.color)
        for places_, values in curve.rests:
            there = np.where(values <= ceiling, values, np.nan)
            chart.line(group.name, places_.tolist(), there.tolist(), group.color, thin=True)
        best = [point for point in curve.best if point[1] <= ceiling]
        if best:
            chart.rings(f"best {x} of {group.name}", best, group.color)
    return chart


def _ceiling(curves: Iterable[Curve]) -> float:
    """The largest loss that is worth its place on a scale, where some have all but diverged."""
    finite = [curve.mean[np.isfinite(curve.mean)] for curve in curves]
    peaks = sorted(float(mean.max()) for mean in finite if (mean > 0).any())
    return BLOWN_UP * peaks[(len(peaks) - 1) // 2] if peaks else math.inf
