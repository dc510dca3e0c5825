"""The picture of a sweep: the measure over the values that were tried."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnntrain.comparison.setting_text import setting_text
from cnntrain.metrics import MEASURES, cost
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.heat import Cell, Heat
from cnntrain.reports.page import Drawing
from cnntrain.reports.scale import LOG_FROM, Scale
from cnntrain.reports.several.sweep import SweptTrials
from cnntrain.sweeps.groups import Group

BLOWN_UP = 10.0  # times the median of the means: losses above are crosses at the upper edge
MOST = 16  # values on a side of a heat table
RULES = {  # the words for them, and how they are drawn
    "lowest": ("best mean", "mark"),
    "one_standard_error": ("largest rate within one standard error", "best"),
    "edge_of_divergence": ("smallest rate that diverged", "edge"),
}


def tried(sweep: SweptTrials) -> Drawing | None:
    """Over one setting of numbers a chart, over two settings a heat table; otherwise None."""
    keys = sweep.keys
    if len(keys) == 1 and all(map(_is_number, sweep.plan.over[keys[0]])):
        return over_one(sweep, keys[0])
    if len(keys) == 2 and all(len(sweep.plan.over[key]) <= MOST for key in keys):
        return over_two(sweep, *keys)
    return None


def over_one(sweep: SweptTrials, key: str) -> Chart:
    """Trials as points, means as a line, what diverged as crosses at the upper edge; marks for
    what the rules of `lr-sweep` found."""
    values = [float(value) for value in sweep.plan.over[key]]
    rules = {name: rate for name, rate in sweep.report.get("rules", {}).items() if name in RULES}
    spread = min(values) > 0 and (bool(rules) or max(values) >= LOG_FROM * min(values))
    pairs = sorted(
        ((float(group.settings[key]), _mean(group, sweep.measure)) for group in sweep.groups),
    )
    points = [
        (float(dict(result.trial.settings)[key]), _value(result.value(sweep.measure)))
        if result.usable
        else (float(dict(result.trial.settings)[key]), math.inf)
        for result in sweep.results
        if result.over
    ]
    up = _scale([mean for _, mean in pairs], [value for _, value in points])
    chart = Chart(
        "tried",
        f"{sweep.title} over {key}",
        f"{sweep.title} of {len(points)} trials with {len(values)} values of {key}; crosses at the "
        "upper edge are trials that diverged, or are off the scale",
        Axis(key, Scale.over(values, log=spread)),
        Axis(sweep.title, up, "%" if sweep.measure.endswith("error") else "g"),
        height=280,
    )
    for name, rate in rules.items():
        if rate is not None:
            words, kind = RULES[name]
            chart.mark(float(rate), f"{words}: {rate:g}", kind, named=True)
    shown = [(x, y) for x, y in pairs if y <= up.high]
    chart.line(f"mean {sweep.title}", [x for x, _ in shown], [y for _, y in shown])
    chart.points("trial", [x for x, _ in points], [y for _, y in points], 1)
    return chart


def over_two(sweep: SweptTrials, down: str, across: str) -> Heat:
    """A cell for each pair of values, the darker the better."""
    rows, columns = (sweep.plan.over[key] for key in (down, across))
    means = [_mean(group, sweep.measure) for group in sweep.groups]
    costs = [cost(sweep.measure, mean) for mean in means]
    finite = sorted(one for one in costs if math.isfinite(one))
    cells = []
    for group, mean, one in zip(sweep.groups, means, costs, strict=True):
        shade, text = 0.0, "diverged" if group.diverged else "-"
        if math.isfinite(mean):
            shade = 1 - finite.index(one) / max(len(finite) - 1, 1)
            text = MEASURES[sweep.measure].text(mean)
        words = ", ".join(f"{key} {setting_text(key, v)}" for key, v in group.settings.items())
        cells.append(Cell(shade, text, f"{words}: {text}", mean, one == min(finite, default=None)))
    width = len(columns)
    return Heat(
        "tried",
        f"{sweep.title} over {down} and {across}",
        down,
        across,
        [setting_text(down, value) for value in rows],
        [setting_text(across, value) for value in columns],
        [cells[k * width : (k + 1) * width] for k in range(len(rows))],
    )


def _scale(means: Sequence[float], values: Sequence[float]) -> Scale:
    """What shows the means and the trials, but for those that have all but diverged."""
    found = sorted(mean for mean in means if math.isfinite(mean))
    ceiling = BLOWN_UP * found[len(found) // 2] if found else math.inf
    return Scale.over(value for value in [*means, *values] if value <= max(ceiling, 0.0))


def _mean(group: Group, measure: str) -> float:
    """The mean of a group; infinite where it has none, or some trial diverged."""
    mean = None if group.diverged else group.mean(measure)
    return _value(mean)


def _value(found: float | None) -> float:
    return math.inf if found is None else found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
