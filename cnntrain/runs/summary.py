"""summary.json: how a run stands, or how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cnntrain.runs.checkpoint_names import epoch_name
from cnntrain.runs.metrics import Row

Point = dict[str, Any]


def point(row: Row) -> Point:
    """What a summary says of one epoch."""
    return {
        "epoch": row.epoch,
        "step": row.step,
        "validation_error": row.validation_error,
        "validation_loss": row.validation_loss,
        "train_loss": row.train_loss,
        "checkpoint": f"checkpoints/{epoch_name(row.epoch)}",
    }


@dataclass
class Summary:
    """The summary of a run, brought up to date after each epoch.

    best, last  the early-stopping point and the last epoch, None before the first
    exit_code   None while the run goes on, and where a signal ended it
    """

    run: str
    seed: int
    parameters: int
    status: str = "running"
    stop_reason: str | None = None
    exit_code: int | None = None
    best: Point | None = None
    last: Point | None = None
    seconds: float = 0.0

    def add(self, row: Row, best: bool) -> None:
        """Take in an epoch; `best` tells whether it is the early-stopping point so far."""
        self.last = point(row)
        if best:
            self.best = self.last

    @property
    def best_epoch(self) -> int:
        """Epoch of the early-stopping point, 0 before the first."""
        return self.best["epoch"] if self.best else 0

    def end(self, status: str, reason: str, exit_code: int | None) -> None:
        """Say how the run ended."""
        self.status, self.stop_reason, self.exit_code = status, reason, exit_code

    def as_dict(self) -> dict[str, Any]:
        """What summary.json and `fit --json` hold."""
        return {
            "run": self.run.encode(errors="replace").decode(),  # a path may be no text
            "seed": self.seed,
            "exit_code": self.exit_code,
            "status": self.status,
            "stop_reason": self.stop_reason,
            "epochs": self.last["epoch"] if self.last else 0,
            "steps": self.last["step"] if self.last else 0,
            "early_stopping_point": self.best,
            "last": self.last,
            "parameters": self.parameters,
            "seconds": round(self.seconds, 3),
        }


class Checked(BaseModel):
    """A JSON object read from a file that anybody may have changed: exact types, finite numbers."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class CheckedPoint(Checked):
    """A Point; what is absent has no value."""

    epoch: int = 0
    step: int = 0
    validation_error: float | None = None
    validation_loss: float | None = None
    train_loss: float | None = None
    checkpoint: str = ""


class CheckedSummary(Checked):
    """What summary.json holds; only its status cannot be absent."""

    run: str = ""
    seed: int = 0
    exit_code: int | None = None
    status: str
    stop_reason: str | None = None
    epochs: int = 0
    steps: int = 0
    early_stopping_point: CheckedPoint | None = None
    last: CheckedPoint | None = None
    parameters: int = 0
    seconds: float = 0.0


# What stands for the summary of a run that has not written one yet.
BEGUN: dict[str, Any] = CheckedSummary(status="running").model_dump()


def parse(content: bytes) -> dict[str, Any]:
    """The summary in a summary.json, with all keys.  Raises ValueError where it is none."""
    try:
        return CheckedSummary.model_validate_json(content).model_dump()
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None


def first_problem(error: ValidationError) -> str:
    """What is wrong and where, in a few words."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
