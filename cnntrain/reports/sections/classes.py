"""How good the network is at each class, and whether it is as sure as it is right."""

from __future__ import annotations

from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import Child, Element, element
from cnntrain.reports.page import Section, beside, grid
from cnntrain.reports.scale import Scale

MOST = 100  # classes in the table; of more, those with the lowest F1


def classes(evidence: Evidence) -> Section | None:
    """Precision, recall and F1 by class, with bars; None where there are no classes."""
    evaluated = evidence.evaluated
    if evaluated is None or evaluated.report.per_class is None:
        return None
    reports = evaluated.report.per_class
    content: list[Child] = []
    if len(reports) > MOST:
        text = f"The {MOST} classes with the lowest F1, of {len(reports):,}."
        content.append(element("p", text))
        there = [report for report in reports if report.count]
        reports = sorted(there, key=lambda report: report.f1 or 0.0)[:MOST]
    rows: list[list[Child]] = [
        [
            report.name,
            f"{report.count:,}",
            *(_bar(value) for value in (report.precision, report.recall, report.f1)),
        ]
        for report in reports
    ]
    content.append(grid(["class", "samples", "precision", "recall", "F1"], rows))
    return Section("classes", "Classes", content)


def calibration(evidence: Evidence) -> Section | None:
    """How often answers are right, over how sure the network is of them."""
    evaluated = evidence.evaluated
    if evaluated is None or evaluated.report.reliability is None:
        return None
    bins = [bin_ for bin_ in evaluated.report.reliability if bin_.p is not None]
    share = Scale(0.0, 1.0)
    chart = Chart(
        "calibration",
        "accuracy over the probability of the answer",
        f"{len(bins)} bins; on the diagonal the network is as sure as it is right",
        Axis("probability of the answer", share),
        Axis("accuracy", share),
    )
    chart.line("as sure as right", [0.0, 1.0], [0.0, 1.0], 7)
    p, accuracy = [bin_.p or 0.0 for bin_ in bins], [bin_.accuracy or 0.0 for bin_ in bins]
    chart.points("network", p, accuracy, 0, [bin_.count for bin_ in bins])
    error = evaluated.report.calibration_error or 0.0
    text = (
        f"Expected calibration error {100 * error:.2f} %: the mean distance between accuracy and "
        "probability (Guo et al. 2017). Each dot is a bin of answers, the larger the more of them; "
        "below the diagonal the network is too sure."
    )
    rows = [
        [
            f"{bin_.low:.2f} to {bin_.high:.2f}",
            f"{bin_.count:,}",
            f"{bin_.p:.3f}",
            f"{bin_.accuracy:.3f}",
        ]
        for bin_ in bins
    ]
    header = ["probability", "samples", "mean", "accuracy"]
    content = [element("p", text), beside(chart), grid(header, rows)]
    return Section("calibration", "Calibration", content, [chart])


def _bar(value: float | None) -> Element:
    """A share as a number beside a bar of that length."""
    if value is None:
        return element("span", "-")
    return element(
        "span",
        f"{value:.3f} ",
        element("meter", value=f"{value:.4f}", min="0", max="1", aria_hidden="true"),
    )
