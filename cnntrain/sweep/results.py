"""What came out of the trials of a sweep: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnntrain.config.source.writer import flow
from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.metrics import Row
from cnntrain.runs.summary import COMPLETE
from cnntrain.runs.tables import read_table
from cnntrain.sweep.baselines import Baseline
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.text import csv_text

MEASURES = ("train_loss", "validation_loss", "validation_error", "train_risk")
ROUNDING = 1e-6  # relative difference of two losses that says nothing


@dataclass(frozen=True)
class Result:
    """One trial: `status` is that of its run, `missing`, or `damaged`; the measures are those of
    its last epoch, named as in metrics.csv.

    learned   whether the loss fell clearly below those of w_0 and of the best constant answer

    A run that ended with a loss L_T (train_risk) above that at w_0 counts as diverged.
    """

    trial: Trial
    status: str
    train_loss: float | None = None
    validation_loss: float | None = None
    validation_error: float | None = None
    train_risk: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    learned: bool = False

    @property
    def usable(self) -> bool:
        """Whether its numbers say something about its settings."""
        return self.status in COMPLETE

    @property
    def diverged(self) -> bool:
        """Whether its loss became infinite, or ended above that at w_0."""
        return self.status == "diverged"

    @property
    def over(self) -> bool:
        """Whether the trial has come to its end, a bad one included."""
        return self.usable or self.diverged


def read_results(
    plan: Plan, run: Mapping[str, Path], baselines: Mapping[str, Baseline]
) -> list[Result]:
    """The results of all trials, in the order of the plan; run directories and baselines come by
    the name of the trial."""
    return [read_result(t, run[t.name], baselines[t.name]) for t in plan.trials]


def read_result(trial: Trial, run: Path, baseline: Baseline) -> Result:
    """The result in a run directory."""
    directory = RunDirectory(run)
    try:
        summary = directory.read_summary()
        if summary is None:
            return Result(trial, "missing")
        rows = read_table(directory.metrics).parse(Row)
    except (CheckpointError, NotFoundError):
        return Result(trial, "damaged")
    last: dict[str, Any] = {name: getattr(rows[-1], name) for name in MEASURES} if rows else {}
    result = Result(trial, summary.status, **last, epochs=summary.epochs, seconds=summary.seconds)
    if not result.usable:
        return result
    if result.train_risk is None:
        return Result(trial, "damaged")
    if result.train_risk > (1 + ROUNDING) * baseline.start:
        return replace(result, status="diverged")
    return replace(result, learned=result.train_risk < baseline.learned)


def as_csv(plan: Plan, results: Sequence[Result]) -> str:
    """sweep.csv: one row a trial."""
    rows: list[Sequence[str]] = [[*plan.over, "seed", "status", *MEASURES, "epochs", "seconds"]]
    for result in results:
        values = [flow(value) for _, value in result.trial.settings]
        cells = ["" if number is None else repr(number) for number in _measures(result)]
        end = [str(result.epochs), repr(result.seconds)]
        rows.append([*values, str(result.trial.seed), result.status, *cells, *end])
    return csv_text(rows)


def _measures(result: Result) -> list[Any]:
    return [getattr(result, name) for name in MEASURES]
