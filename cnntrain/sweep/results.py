"""What came out of the trials of a sweep: one row each, and means over seeds."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnntrain.config.emit import flow
from cnntrain.errors import CheckpointError
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.training.resume import COMPLETE, read_summary
from cnntrain.training.rundir import RunDirectory

MEASURES = ("train_loss", "validation_loss", "validation_error")


@dataclass(frozen=True)
class Result:
    """One trial: `status` is that of its run, or `missing`; numbers are those of its last epoch.

    A run that went on to its end with a training loss above that at w_0 counts as diverged.
    """

    trial: Trial
    status: str
    train_loss: float | None = None
    validation_loss: float | None = None
    validation_error: float | None = None
    epochs: int = 0
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether its numbers say something about its settings."""
        return self.status in COMPLETE


def read_result(trial: Trial, run: Path, start_loss: float) -> Result:
    """The result in a run directory; `start_loss` is L_T at w_0."""
    try:
        summary = read_summary(RunDirectory(run))
    except CheckpointError:
        summary = None
    if summary is None:
        return Result(trial, "missing")
    last: Mapping[str, Any] = summary.get("last") or {}
    status, loss = str(summary["status"]), last.get("train_loss")
    if status in COMPLETE and (loss is None or loss > start_loss):
        status = "diverged"
    numbers = {name: last.get(name) for name in MEASURES}
    return Result(
        trial, status, **numbers, epochs=summary.get("epochs", 0), seconds=summary["seconds"]
    )


def read_results(
    plan: Plan, run: Callable[[Trial], Path], start_losses: Mapping[int, float]
) -> list[Result]:
    """The results of all trials, in the order of the plan."""
    return [
        read_result(trial, run(trial), start_losses.get(trial.seed, math.inf))
        for trial in plan.trials
    ]


@dataclass(frozen=True)
class Group:
    """The trials that differ in the seed alone: mean and standard deviation of each measure over
    those that did not diverge (None where there are none, or too few)."""

    settings: tuple[tuple[str, Any], ...]
    results: Sequence[Result]

    @property
    def n(self) -> int:
        """Trials that are over."""
        return sum(result.usable or result.status == "diverged" for result in self.results)

    @property
    def diverged(self) -> int:
        """How many of them diverged."""
        return sum(result.status == "diverged" for result in self.results)

    @property
    def sound(self) -> bool:
        """Whether all of its trials ended well."""
        return all(result.usable for result in self.results)

    def mean(self, measure: str) -> float | None:
        """Mean of a measure."""
        values = self._values(measure)
        return statistics.fmean(values) if values else None

    def deviation(self, measure: str) -> float | None:
        """Standard deviation of a measure, with n - 1."""
        values = self._values(measure)
        return statistics.stdev(values) if len(values) > 1 else None

    def _values(self, measure: str) -> list[float]:
        found = (getattr(result, measure) for result in self.results if result.usable)
        return [value for value in found if value is not None]

    def as_json(self) -> dict[str, Any]:
        """As sweep.json holds it."""
        numbers = {
            measure: {"mean": self.mean(measure), "deviation": self.deviation(measure)}
            for measure in MEASURES
        }
        return {"settings": dict(self.settings), "n": self.n, "diverged": self.diverged, **numbers}


def groups(plan: Plan, results: Sequence[Result]) -> list[Group]:
    """Results by their settings, in the order of the plan."""
    each = len(plan.seeds)
    pieces = [results[start : start + each] for start in range(0, len(results), each)]
    return [Group(piece[0].trial.settings, piece) for piece in pieces]


def measured_by(found: Sequence[Group]) -> str:
    """What trials are compared by: the validation loss, or the training loss without one."""
    with_validation = any(group.mean("validation_loss") is not None for group in found)
    return "validation_loss" if with_validation else "train_loss"


def ranking(found: Sequence[Group], measure: str) -> list[Group]:
    """The best first, those with diverged trials last."""

    def place(group: Group) -> tuple[bool, float]:
        mean = group.mean(measure)
        return not group.sound, float("inf") if mean is None else mean

    return sorted(found, key=place)


def as_csv(plan: Plan, results: Sequence[Result]) -> str:
    """sweep.csv: one row a trial."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow([*plan.over, "seed", "status", *MEASURES, "epochs", "seconds"])
    for result in results:
        values = [flow(value) for _, value in result.trial.settings]
        numbers = [getattr(result, measure) for measure in MEASURES]
        cells = ["" if number is None else repr(number) for number in numbers]
        end = [str(result.epochs), repr(result.seconds)]
        rows.writerow([*values, str(result.trial.seed), result.status, *cells, *end])
    return buffer.getvalue()
