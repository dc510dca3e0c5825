"""summary.json: how a run stands, or how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_serializer

from cnntrain.errors import RunExistsError
from cnntrain.runs.checkpoint_names import epoch_name
from cnntrain.runs.records import Record, first_problem
from cnntrain.runs.rows import Row, Weights

LAST_EXIT_CODE = RunExistsError.exit_code
COMPLETE = {"finished", "early_stopped", "converged", "target_reached"}


class EpochPoint(Record):
    """One epoch, as a summary shows it; `checkpoint` is relative to the run directory, `metrics`
    holds those that the run measures, `weights` the better one of w and its average, None where
    there is no average to compare w with."""

    epoch: int
    step: int
    validation_error: float | None
    validation_loss: float | None
    train_loss: float
    checkpoint: str
    metrics: dict[str, float] = {}
    average_validation_error: float | None = None
    average_validation_loss: float | None = None
    weights: Weights | None = None

    @classmethod
    def of(cls, row: Row) -> EpochPoint:
        """The point of an epoch, by its row of metrics.csv."""
        return cls(
            epoch=row.epoch,
            step=row.step,
            validation_error=row.validation_error,
            validation_loss=row.validation_loss,
            train_loss=row.train_loss,
            checkpoint=f"checkpoints/{epoch_name(row.epoch)}",
            metrics=row.metrics,
            average_validation_error=row.average_validation_error,
            average_validation_loss=row.average_validation_loss,
            weights=None if row.average_validation_loss is None else row.better_weights,
        )


class Summary(Record):
    """How a run stands, brought up to date after each epoch; its fields are the keys of the file.

    run                   the run directory, as it was named
    exit_code             None while the run goes on, and where a signal ended it
    status                running, finished, early_stopped, converged, target_reached, time_limit,
                          stopped, interrupted, diverged or failed; imported before any epoch
    epochs, steps         epochs completed, and the steps taken until the last of them
    early_stopping_point  the best epoch, None before the first
    last                  the last epoch, None before the first
    parameters            entries of w
    seconds               time spent training, in all processes
    warnings              what may not be what people intend
    """

    run: str = ""
    seed: int = 0
    exit_code: int | None = Field(None, ge=0, le=LAST_EXIT_CODE)
    status: str
    stop_reason: str | None = None
    epochs: int = Field(0, ge=0)
    steps: int = Field(0, ge=0)
    early_stopping_point: EpochPoint | None = None
    last: EpochPoint | None = None
    parameters: int = Field(0, ge=0)
    seconds: float = Field(0.0, ge=0)
    warnings: list[str] = []

    @classmethod
    def begin(cls, path: Path, seed: int, parameters: int) -> Summary:
        """The summary of a run in the directory `path` before its first step."""
        return cls(run=_text(path), seed=seed, status="running", parameters=parameters)

    @classmethod
    def parse(cls, content: bytes) -> Summary:
        """The summary in the bytes of a summary.json.  Raises ValueError where there is none."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise ValueError(first_problem(error)) from None

    @property
    def best_epoch(self) -> int:
        """The epoch of the early-stopping point, 0 before the first."""
        return 0 if self.early_stopping_point is None else self.early_stopping_point.epoch

    @property
    def complete(self) -> bool:
        """Whether the run has come to its end, and not just to a stop."""
        return self.status in COMPLETE

    def add(self, row: Row, best: bool) -> None:
        """Take in an epoch; `best` tells whether it is the best so far."""
        self.restore(EpochPoint.of(row) if best else self.early_stopping_point, row)

    def restore(self, best: EpochPoint | None, row: Row | None) -> None:
        """Go back to the epoch of `row` (None: before the first) and the best one until then."""
        self.early_stopping_point = best
        self.last = None if row is None else EpochPoint.of(row)
        self.epochs, self.steps = (0, 0) if row is None else (row.epoch, row.step)

    def moved_to(self, path: Path) -> Summary:
        """The same for a run whose files have been moved to the directory `path`."""
        return self.model_copy(update={"run": _text(path)})

    def end(self, status: str, reason: str, exit_code: int | None) -> None:
        """Say how the run ended."""
        self.status, self.stop_reason, self.exit_code = status, reason, exit_code

    def as_dict(self) -> dict[str, Any]:
        """What summary.json and `fit --json` hold."""
        return self.model_dump()

    @field_serializer("seconds")
    def _rounded(self, seconds: float) -> float:
        return round(seconds, 3)


def _text(path: Path) -> str:
    """A path as text that can be written, which it need not be."""
    return str(path).encode(errors="replace").decode()


# The summary of a run that has not written one yet.
EMPTY_SUMMARY = Summary(status="running")
