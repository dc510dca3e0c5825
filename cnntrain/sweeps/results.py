"""The results of the trials of a sweep, one row each."""

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
from cnntrain.sweeps.baselines import Baseline
from cnntrain.sweeps.plan import SweepPlan, Trial
from cnntrain.text import csv_text

MEASURES = ("train_loss", "validation_loss", "validation_error", "train_risk")
ROUNDING = 1e-6  # relative difference of losses that is due to rounding


@dataclass(frozen=True)
class TrialResult:
    """The result of a trial; the measures are those of its last epoch, named as in metrics.csv.

    status    that of its run, `missing` or `damaged`; `diverged` also for a run whose loss L_T
              (train_risk) ended above that at w_0
    learned   whether L_T fell clearly below that at w_0 and that of the best constant answer
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
        """Whether the trial ended well, so that its measures can be used."""
        return self.status in COMPLETE

    @property
    def diverged(self) -> bool:
        """Whether the loss became infinite, or ended above that at w_0."""
        return self.status == "diverged"

    @property
    def over(self) -> bool:
        """Whether the trial has ended, well or by divergence."""
        return self.usable or self.diverged


def read_results(
    plan: SweepPlan, run: Mapping[str, Path], baselines: Mapping[str, Baseline]
) -> list[TrialResult]:
    """The results of all trials, in the order of the plan, given their run directories and
    baselines by name."""
    return [read_result(t, run[t.name], baselines[t.name]) for t in plan.trials]


def read_result(trial: Trial, run: Path, baseline: Baseline) -> TrialResult:
    """The result of a trial, from its run directory."""
    directory = RunDirectory(run)
    try:
        summary = directory.read_summary()
        if summary is None:
            return TrialResult(trial, "missing")
        rows = read_table(directory.metrics).parse(Row)
    except (CheckpointError, NotFoundError):
        return TrialResult(trial, "damaged")
    last: dict[str, Any] = {name: getattr(rows[-1], name) for name in MEASURES} if rows else {}
    result = TrialResult(
        trial, summary.status, **last, epochs=summary.epochs, seconds=summary.seconds
    )
    if not result.usable:
        return result
    if result.train_risk is None:
        return TrialResult(trial, "damaged")
    if result.train_risk > (1 + ROUNDING) * baseline.start:
        return replace(result, status="diverged")
    return replace(result, learned=result.train_risk < baseline.learned)


def as_csv(plan: SweepPlan, results: Sequence[TrialResult]) -> str:
    """The content of sweep.csv: one row a trial."""
    rows: list[Sequence[str]] = [[*plan.over, "seed", "status", *MEASURES, "epochs", "seconds"]]
    for result in results:
        values = [flow(value) for _, value in result.trial.settings]
        cells = ["" if number is None else repr(number) for number in _measures(result)]
        end = [str(result.epochs), repr(result.seconds)]
        rows.append([*values, str(result.trial.seed), result.status, *cells, *end])
    return csv_text(rows)


def _measures(result: TrialResult) -> list[Any]:
    return [getattr(result, name) for name in MEASURES]
