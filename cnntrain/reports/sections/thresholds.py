"""What the network is worth if it answers only where it is sure enough."""

from __future__ import annotations

import math

from cnntrain.models.evaluation import Evaluation
from cnntrain.models.thresholds import roc_curve
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import Child, element
from cnntrain.reports.page import Section, beside
from cnntrain.reports.scale import Scale
from cnntrain.text import printable

SHARE = Scale(0.0, 1.0)


def thresholds(evidence: Evidence) -> Section | None:
    """Coverage and precision over the threshold, and for two classes the receiver operating
    characteristic; None where there are no classes."""
    evaluated = evidence.evaluated
    if evaluated is None or evaluated.report.thresholds is None:
        return None
    text: list[Child] = [
        "Answers are given where the p of the likeliest class reaches the threshold. Coverage is "
        "the share of the samples that get one, precision the share of those answers that are "
        "right. ",
        element("code", "cnntrain predict"),
        " with a threshold leaves the other samples unanswered.",
    ]
    charts, area = [_coverage(evaluated)], evaluated.report.roc_area
    if area is not None:
        charts.append(_roc(evaluated, area))
        text.append(
            f" The area under the receiver operating characteristic is {area:.4f}: how often a "
            "sample of the second class has a higher p of it than one of the first (Hanley and "
            "McNeil 1982); on the diagonal p says nothing."
        )
    return Section("thresholds", "Thresholds", [element("p", *text), beside(*charts)], charts)


def _coverage(evaluated: Evaluation) -> Chart:
    rows = evaluated.report.thresholds or []
    chart = Chart(
        "thresholds",
        "coverage and precision over the threshold",
        f"from {rows[0].threshold:g} to {rows[-1].threshold:g}",
        Axis("threshold", SHARE),
        Axis("share", SHARE, "%"),
    )
    levels = [row.threshold for row in rows]
    precision = [math.nan if row.precision is None else row.precision for row in rows]
    chart.line("coverage", levels, [row.coverage for row in rows], 0)
    chart.line("precision", levels, precision, 1)
    return chart


def _roc(evaluated: Evaluation, area: float) -> Chart:
    first, second = (printable(name, 20) for name in evaluated.class_names or ("", ""))
    chart = Chart(
        "roc",
        "receiver operating characteristic",
        f"area {area:.4f}",
        Axis(f"share of {first} taken for {second}", SHARE, "%"),
        Axis(f"share of {second} found", SHARE, "%"),
    )
    across, up = roc_curve(evaluated.labels, evaluated.outputs[:, 1])
    chart.line("by chance", [0.0, 1.0], [0.0, 1.0], 7)
    chart.line("network", across.tolist(), up.tolist(), 0)
    return chart
