"""What the run is, how it ended, and how good it is."""

from __future__ import annotations

import json

from cnntrain.config.resolved import dump
from cnntrain.models.report import EvaluationReport
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import Child, element
from cnntrain.reports.page import Section, facts, folded, headline
from cnntrain.runs.lock import is_live
from cnntrain.runs.rows import Row
from cnntrain.runs.standing import status_text
from cnntrain.text import pluralize


def summary(evidence: Evidence) -> Section:
    """Best epoch, errors with intervals, time, warnings, config and provenance."""
    state, rows = evidence.summary, evidence.rows
    report = None if evidence.evaluated is None else evidence.evaluated.report
    known: list[tuple[str, Child]] = [("status", status_text(state, is_live(evidence.run.path)))]
    if state.early_stopping_point is not None:
        best = next((row for row in rows if row.epoch == state.best_epoch), None)
        known.append(("best epoch", f"{state.best_epoch:,} of {len(rows):,}{_at(best)}"))
    known += [] if report is None else _measured(report)
    known += [
        ("steps", f"{state.steps:,}"),
        ("seed", str(state.seed)),
    ]
    figures = [] if report is None else [_result(report)]
    figures += [
        ("parameters", f"{state.parameters:,}", ""),
        ("training time", f"{state.seconds:,.1f} s", pluralize(state.epochs, "epoch")),
    ]
    notes: list[Child] = []
    if evidence.absence:
        notes.append(element("p", f"Not evaluated: {evidence.absence}", class_="warning"))
    notes += [element("p", f"Warning: {text}", class_="warning") for text in state.warnings]
    folds = [
        folded("Config, with every default written out", element("pre", dump(evidence.run.config))),
        folded("Where it comes from", element("pre", _provenance(evidence))),
    ]
    return Section("summary", "Summary", [headline(figures), facts(known), *notes, *folds])


def _at(row: Row | None) -> str:
    if row is None or row.validation_loss is None:
        return ""
    error = "" if row.validation_error is None else f", error {100 * row.validation_error:.2f} %"
    return f" (validation loss {row.validation_loss:.4g}{error})"


def _result(report: EvaluationReport) -> tuple[str, str, str]:
    """How good the network is, in one number: its error, or the loss where there are no classes."""
    if report.error_interval is None or report.zero_one_error is None:
        return f"{report.split} loss", f"{report.loss:.4g}", ""
    low, high = report.error_interval
    interval = f"(95 % interval {100 * low:.2f} to {100 * high:.2f} %)"
    return f"{report.split} error", f"{100 * report.zero_one_error:.2f} %", interval


def _measured(report: EvaluationReport) -> list[tuple[str, Child]]:
    found: list[tuple[str, Child]] = [*report.measured, ("loss", f"{report.loss:.4g}")]
    if report.balanced_error is not None:
        found.append(("balanced error", f"{100 * report.balanced_error:.2f} %"))
    return found


def _provenance(evidence: Evidence) -> str:
    """run.json, in lines."""
    return json.dumps(evidence.run.directory.read_provenance(), indent=2, ensure_ascii=False)
