"""The kinds of figures that the note's claims are shown in."""

from __future__ import annotations

import math

from cnntrain.metrics import MEASURES
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.note.trials import Trials, last
from cnntrain.reports.scale import Scale
from cnntrain.reports.several.group import Group, overlaid

FIRST_STEPS = 40  # that are shown of a curve by step


def by_epoch(trials: Trials, name: str, column: str) -> Chart | None:
    """A column by epoch, with bands over seeds."""
    format_ = "%" if MEASURES[column].share else "g"
    return overlaid(name, column, MEASURES[column].name, trials.groups, format_)


def by_time(trials: Trials, name: str, column: str) -> Chart | None:
    """A column over the seconds that training took."""
    title = MEASURES[column].name
    return overlaid(name, column, title, trials.groups, x="elapsed", x_title="seconds")


def by_step(trials: Trials, name: str) -> Chart | None:
    """The losses of the first batches."""
    groups = [
        Group(
            group.name,
            tuple({key: v[:FIRST_STEPS] for key, v in table.items()} for table in group.tables),
            group.folds,
            group.color,
        )
        for group in trials.steps
    ]
    return overlaid(name, "loss", "loss of a batch", groups, x="step")


def over_rate(trials: Trials, name: str, column: str) -> Chart | None:
    """A column at the last epoch over the rate, for groups called rate-R, or KIND/rate-R: runs as
    points, means as lines, and what diverged as crosses at the upper edge."""
    series: dict[str, list[tuple[float, list[float]]]] = {}
    for group, runs in trials.runs.items():
        kind, _, rate = group.rpartition("rate-")
        values = [last(run, column) for run in runs]
        series.setdefault(kind.strip("/"), []).append((float(rate), values))
    rates = [rate for pairs in series.values() for rate, _ in pairs]
    found = [v for pairs in series.values() for _, values in pairs for v in values]
    if not rates:
        return None
    title = MEASURES[column].name
    chart = Chart(
        name,
        f"{title} at the last epoch over the learning rate",
        f"{title} of {len(found)} runs; crosses at the upper edge are runs that diverged",
        Axis("learning rate", Scale.over(rates, log=True)),
        Axis(title, Scale.over(found), "%" if MEASURES[column].share else "g"),
    )
    for color, (kind, pairs) in enumerate(series.items()):
        means = [(rate, sum(v) / len(v)) for rate, v in pairs if all(map(math.isfinite, v))]
        chart.line(kind or "mean", [a for a, _ in means], [b for _, b in means], color)
        points = [(rate, v) for rate, values in pairs for v in values]
        chart.points(kind or "run", [a for a, _ in points], [b for _, b in points], color)
    return chart


def variance(trials: Trials, name: str) -> Chart | None:
    """The mean squared distance of a batch's gradient to the full one, over the batch size."""
    _, *rows = trials.table("variance.md") or [[]]
    if not rows:
        return None
    points = [(where, float(size), float(distance)) for where, size, distance, *_ in rows]
    title = "squared distance to the full gradient"
    chart = Chart(
        name,
        f"{title} over the batch size",
        "falls as 1/B, at w_0 and at a trained w",
        Axis("B", Scale.over([size for _, size, _ in points], log=True)),
        Axis(title, Scale.over([distance for *_, distance in points], log=True)),
    )
    for color, where in enumerate(dict.fromkeys(where for where, *_ in points)):
        own = [(size, distance) for w, size, distance in points if w == where]
        chart.line(where, [size for size, _ in own], [distance for _, distance in own], color)
    return chart
