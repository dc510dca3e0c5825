"""The screens of `cnntrain evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnntrain.cli.options import table
from cnntrain.errors import UsageError
from cnntrain.text import loss_text, percent, printable, shown_path

if TYPE_CHECKING:
    from cnntrain.models.classification import ClassReport, Confused
    from cnntrain.models.report import EvaluationReport
    from cnntrain.models.thresholds import Threshold

MOST_CLASSES = 20  # that are shown one by one; of more, the worst


def report_text(report: EvaluationReport) -> str:
    """Loss, errors, and the classes that are taken for which."""
    from cnntrain.metrics import MEASURES

    lines = [
        f"checkpoint      {shown_path(report.checkpoint)}",
        *(f"{name:<16}{text}" for name, text in report.measured),
        f"loss            {loss_text(report.loss)}",
    ]
    if report.error_interval and report.per_class:
        low, high = report.error_interval
        top5, area = report.top5_error, report.roc_area
        lines += [
            f"zero-one error  {percent(report.zero_one_error)}"
            f"  (95 % interval {100 * low:.2f} to {percent(high)})",
            f"majority error  {percent(report.majority_error)}"
            f"  ({printable(report.majority_class, 24)} as the answer for every sample)",
            f"accuracy        {percent(report.accuracy)}",
            f"balanced error  {percent(report.balanced_error)}",
            f"macro F1        {MEASURES['macro_f1'].text(report.macro_f1)}",
            *([] if top5 is None else [f"top-5 error     {percent(top5)}"]),
            *([] if area is None else [f"ROC area        {area:.4f}"]),
            *([f"arg max ties    {report.ties}"] if report.ties else []),
            "",
            *_by_class(report.per_class, report.confusion, report.confused or []),
        ]
    return "\n".join(lines)


def reliability_text(report: EvaluationReport) -> str:
    """How sure the network is, and how right; empty bins are left out."""
    bins = report.reliability
    if bins is None:
        raise UsageError("--calibration needs a network that classifies")
    rows = [
        [f"{b.low:.2f} to {b.high:.2f}", f"{b.count:,}", _share(b.p), _share(b.accuracy)]
        for b in bins
        if b.count
    ]
    return (
        "calibration: the answers by their p; mean p and accuracy are "
        f"{percent(report.calibration_error)} apart (ECE)\n"
        + table(["p", "count", "mean p", "accuracy"], rows)
    )


def thresholds_text(report: EvaluationReport) -> str:
    """What answers are worth that are given only where p is high enough."""
    if report.thresholds is None or report.per_class is None:
        raise UsageError("--thresholds needs a network that classifies")
    texts = [_thresholds("the likeliest class, where its p is the threshold", report.thresholds)]
    if report.detection:
        name = printable(report.per_class[1].name, 24)
        title = f"{name}, likeliest or not, where its p is the threshold"
        texts.append(_thresholds(title, report.detection))
    return "\n\n".join(texts)


def _thresholds(answer: str, levels: list[Threshold]) -> str:
    """Those from the last one on that all samples reach, to the first that none does."""
    first = max((i for i, t in enumerate(levels) if t.coverage == 1), default=0)
    last = min((i for i, t in enumerate(levels) if t.coverage == 0), default=len(levels))
    rows = [
        [f"{t.threshold:g}", percent(t.coverage), percent(t.precision), percent(t.recall)]
        for t in levels[first : last + 1]
    ]
    header = ["threshold", "coverage", "precision", "recall"]
    return f"answers: {answer} or more\n{table(header, rows, left=0)}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _by_class(
    classes: list[ClassReport], confusion: list[list[int]] | None, confused: list[Confused]
) -> list[str]:
    """The classes and which are taken for which, in full where they are few."""
    if confusion is not None and len(classes) <= MOST_CLASSES:
        names = [row.name for row in classes]
        title = "confusion: rows are true classes, columns predicted ones"
        return [_classes(classes), "", title, _confusion(names, confusion)]
    there = [row for row in classes if row.count]
    worst = sorted(there, key=lambda row: row.f1 or 0.0)[:MOST_CLASSES]
    lines = [f"the {len(worst)} classes with the lowest f1, of {len(classes):,}", _classes(worst)]
    pairs = [
        [printable(pair.true, 24), printable(pair.predicted, 24), f"{pair.count:,}"]
        for pair in confused[:MOST_CLASSES]
    ]
    if pairs:
        lines += ["", "confused most often", table(["class", "taken for", "count"], pairs, left=2)]
    return lines


def _classes(classes: list[ClassReport]) -> str:
    return table(
        ["class", "count", "precision", "recall", "f1"],
        [
            [
                printable(row.name, 24),
                str(row.count),
                _share(row.precision),
                _share(row.recall),
                _share(row.f1),
            ]
            for row in classes
        ],
    )


def _confusion(names: list[str], counts: list[list[int]]) -> str:
    shown = [printable(name, 24) for name in names]
    short = max(map(len, shown)) <= 4
    header = ["", *(shown if short else map(str, range(len(names))))]
    label = [name if short else f"{name} = {c}" for c, name in enumerate(shown)]
    rows = [[label[c], *(str(n) if n else "." for n in row)] for c, row in enumerate(counts)]
    return table(header, rows)
