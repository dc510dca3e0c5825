"""How a run stands, in words: for the terminal and for pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnntrain.metrics import MEASURES
from cnntrain.runs.beat import Beat
from cnntrain.runs.rows import Row
from cnntrain.runs.summary import EpochPoint, Summary
from cnntrain.text import loss_text, percent, printable, resuming

Cell = Callable[[Row], str]


def status_text(summary: Summary, live: bool) -> str:
    """The status of a run and the reason for it; `live`: whether a process trains it."""
    status, reason = printable(summary.status), summary.stop_reason
    if status == "running" and not live:
        return f"dead: its process is gone ({resuming()})"
    return f"{status}: {printable(reason, 200)}" if reason else status


def measured_best(summary: Summary) -> EpochPoint | None:
    """The early-stopping point; None without a validation part, where it is just the last epoch."""
    point = summary.early_stopping_point
    return None if point is None or point.validation_loss is None else point


def best_text(point: EpochPoint) -> str:
    """The early-stopping point: the epoch and what was measured on the validation part."""
    found = [f"epoch {point.epoch}"]
    if point.validation_error is not None:
        found.append(f"validation error {percent(point.validation_error)}")
    if point.validation_loss is not None:
        found.append(f"validation loss {loss_text(point.validation_loss)}")
    found += [
        f"{MEASURES[name].name} {MEASURES[name].text(v)}" for name, v in point.metrics.items()
    ]
    return ", ".join(found)


def beat_text(beat: Beat) -> str:
    """How far the epoch has come, and how it goes."""
    error = "" if beat.error is None else f", error {percent(beat.error)}"
    return (
        f"epoch {beat.epoch}/{beat.epochs}, step {beat.batch:,}/{beat.batches:,}: "
        f"loss {loss_text(beat.loss)}{error}, rate {beat.learning_rate:.4g}"
    )


def epoch_cells(rows: Sequence[Row]) -> dict[str, Cell]:
    """The columns of a table of epochs: by its heading, what a row has there, as text."""
    columns: dict[str, Cell] = {
        "train loss": lambda row: loss_text(row.train_loss),
        "train error": lambda row: percent(row.train_error),
        "valid. loss": lambda row: loss_text(row.validation_loss),
        "valid. error": lambda row: percent(row.validation_error),
        **{MEASURES[name].title: _measured(name) for name in rows[0].metrics},
        "rate": lambda row: f"{row.learning_rate:.4g}",
    }
    return {name: cell for name, cell in columns.items() if cell(rows[0]) not in {"", "-"}}


def _measured(name: str) -> Cell:
    return lambda row: MEASURES[name].text(row.value(name))
