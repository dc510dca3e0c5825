"""Losses, errors and the learning rate by epoch, with what happened when."""

from __future__ import annotations

from collections.abc import Iterable

from cnntrain.metrics import MEASURES
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import Child, element
from cnntrain.reports.page import Section, beside, folded, grid
from cnntrain.reports.scale import Scale
from cnntrain.runs.events import Event
from cnntrain.runs.reader import Columns
from cnntrain.runs.rows import Row

LOSSES = ("train_loss", "validation_loss", "train_risk", "average_validation_loss")
ERRORS = ("train_error", "validation_error", "train_zero_one", "average_validation_error")
TOLD = {"learning_rate", "phase", "resume", "control", "checkpoint"}  # events that are marked
MOST_EVENTS = 100  # that are listed


def curves(evidence: Evidence) -> Section | None:
    """One chart of losses, one of errors, one of other metrics, and one of the rate, all over the
    same epochs; None before the first epoch.

    Lines mark the events and the early-stopping point, after which patience is shaded.
    """
    rows = evidence.rows
    if not rows:
        return None
    metrics, events = evidence.metrics, _told(evidence.run.events)
    epochs = Axis("epoch", Scale(0.0, float(metrics["epoch"][-1]), whole=True), "d")
    others = [name for name in MEASURES if name in rows[0].metrics]
    charts = [
        _chart(evidence, events, metrics, epochs, *kind)
        for kind in (
            ("losses", "loss", LOSSES, "g"),
            ("errors", "error", ERRORS, "%"),
            ("metrics", "metric", others, "g"),
            ("rate", "learning rate", ["learning_rate"], "g"),
        )
        if _there(metrics, kind[2])
    ]
    content: list[Child] = [element("p", _caption(evidence, rows)), beside(*charts)]
    if events:
        listed = [[str(_epoch(event)), _words(event)] for event in events[:MOST_EVENTS]]
        content.append(folded("Events", grid(["after epoch", "what happened"], listed, left=2)))
    return Section("curves", "Curves", content, charts)


def _chart(
    evidence: Evidence,
    events: list[Event],
    metrics: Columns,
    epochs: Axis,
    name: str,
    title: str,
    columns: Iterable[str],
    format_: str,
) -> Chart:
    shown = _there(metrics, columns)
    values = [float(value) for column in shown for value in metrics[column]]
    if len(shown) == 1:
        title = _name(shown[0])
    chart = Chart(
        name,
        f"{title} by epoch",
        f"{', '.join(_name(column) for column in shown)} in {len(metrics['epoch'])} epochs",
        epochs,
        Axis(title, Scale.over(values, zero=name in {"errors", "rate"}), format_),
    )
    patience, best = _patience(evidence), evidence.summary.best_epoch
    if patience and best:
        end = min(best + patience, float(metrics["epoch"][-1]))
        chart.shade(best, end, f"patience: {patience} epochs without improvement end the training")
    for event in events:
        chart.mark(_epoch(event), _words(event))
    if best:
        chart.mark(best, f"best epoch: {best}", "best")
    for color, column in enumerate(shown):
        chart.line(_name(column), metrics["epoch"].tolist(), metrics[column].tolist(), color)
    return chart


def _there(metrics: Columns, columns: Iterable[str]) -> list[str]:
    """Those of the columns that hold a number."""
    return [name for name in columns if name in metrics and (metrics[name] == metrics[name]).any()]


def _name(column: str) -> str:
    return "learning rate" if column == "learning_rate" else MEASURES[column].name


def _patience(evidence: Evidence) -> int:
    rule = evidence.run.config.early_stopping
    return 0 if rule == "none" else rule.patience


def _caption(evidence: Evidence, rows: list[Row]) -> str:
    what = "loss is a mean" if rows[0].train_error is None else "loss and error are means"
    text = f"Training {what} over the batches of an epoch, while w moves"
    full = rows[0].train_risk is not None
    text += "; the training risk L_T (equation 1) is that of w at its end." if full else "."
    if rows[0].validation_loss is not None:
        text += " Validation is measured at the end of each epoch."
    if evidence.summary.best_epoch:
        text += " The solid line marks the early-stopping point, the best epoch"
        text += "; patience is shaded." if _patience(evidence) else "."
    return text


def _told(events: list[Event]) -> list[Event]:
    return [event for event in events if event["event"] in TOLD]


def _epoch(event: Event) -> int:
    return int(event.get("epoch", 0))


def _words(event: Event) -> str:
    """An event in words."""
    match event:
        case {"event": "learning_rate", "old": old, "new": new}:
            return f"learning rate {old:.4g} -> {new:.4g} ({event.get('cause', '')})"
        case {"event": "phase", "phase": number}:
            return f"phase {number} begins"
        case {"event": "control", "action": action}:
            return f"by hand: {action}"
        case {"event": "resume"}:
            return f"resumed from {event.get('checkpoint', '?')}"
    return str(event["event"])
