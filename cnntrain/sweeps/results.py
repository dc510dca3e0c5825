"""The results of the trials of a sweep, one row each."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cnntrain.comparison.compare import named
from cnntrain.comparison.folds import FOLD, fold_of
from cnntrain.comparison.runs import read_run
from cnntrain.comparison.settings import setting
from cnntrain.config.source.writer import flow
from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.metrics import EXTRAS
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.rows import Row
from cnntrain.runs.summary import COMPLETE
from cnntrain.runs.tables import read_table
from cnntrain.sweeps.baselines import Baselines, depends_on
from cnntrain.sweeps.plan import SweepPlan, Trial
from cnntrain.text import csv_text, shown_path

MEASURES = ("train_loss", "validation_loss", "validation_error", "train_risk", "final_risk")
ENDS = ("best_epoch", "epochs", "seconds")  # what else sweep.csv says of a trial
ROUNDING = 1e-6  # relative difference of losses that is due to rounding


@dataclass(frozen=True)
class TrialResult:
    """The result of a trial.

    status      that of its run, `missing` or `damaged`; `diverged` also for a run whose loss L_T
                ended above that at w_0
    best_epoch  that of the early-stopping point, whose measures these are, as in metrics.csv:
                train_loss, validation_loss, validation_error, train_risk (L_T), and in `metrics`
                those of EXTRAS that are measured
    final_risk  L_T at the last epoch
    learned     whether it is clearly below that at w_0 and that of the best constant answer
    fold        that of a cross-validation which it is measured on, from 0, and how many there are
    monitor     what early stopping watches, None where there is none
    """

    trial: Trial
    status: str
    train_loss: float | None = None
    validation_loss: float | None = None
    validation_error: float | None = None
    train_risk: float | None = None
    final_risk: float | None = None
    best_epoch: int | None = None
    epochs: int = 0
    seconds: float = 0.0
    learned: bool = False
    metrics: dict[str, float] = field(default_factory=dict)
    fold: tuple[int, int] | None = None
    monitor: str | None = None

    def value(self, name: str) -> float | None:
        """One of the measures or of the ends, by name."""
        value: float | None = self.metrics.get(name) if name in EXTRAS else getattr(self, name)
        return value

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


def measures(results: Sequence[TrialResult]) -> tuple[str, ...]:
    """What is known of trials: MEASURES, and those of EXTRAS that some of them have."""
    found = (name for name in EXTRAS if any(name in result.metrics for result in results))
    return (*MEASURES, *found)


def read_results(
    plan: SweepPlan, runs: Mapping[str, Path], baselines: Baselines
) -> list[TrialResult]:
    """The results of all trials, in the order of the plan, given their run directories by name."""
    return [read_result(trial, runs[trial.name], baselines) for trial in plan.trials]


def read_result(trial: Trial, run: Path, baselines: Baselines) -> TrialResult:
    """The result of a trial, from its run directory.  A run with other settings is no result."""
    directory = RunDirectory(run)
    try:
        if directory.read_summary() is None or (found := read_run(str(run))) is None:
            return TrialResult(trial, "missing")
        rows = read_table(directory.metrics).parse(Row)
        if depends_on(found.settings) != baselines.settings[trial.name]:
            raise CheckpointError(f"the run in {shown_path(run)} is not this trial")
        by_epoch = {row.epoch: row for row in rows}
        best = None if found.best_epoch is None else by_epoch[found.best_epoch]
    except (CheckpointError, NotFoundError, KeyError):
        return TrialResult(trial, "damaged")
    baseline = baselines.losses[trial.name]
    result = TrialResult(
        trial,
        found.status,
        **{name: getattr(best, name) for name in MEASURES[:-1] if best is not None},
        final_risk=rows[-1].train_risk if rows else None,
        best_epoch=found.best_epoch,
        epochs=found.epochs,
        seconds=found.seconds,
        metrics={
            name: value
            for name in EXTRAS
            if best is not None and (value := getattr(best, name)) is not None
        },
        fold=fold_of(found.settings),
        monitor=setting(found.settings, "early_stopping.monitor"),
    )
    if not result.usable:
        return result
    if result.final_risk is None or result.train_risk is None:
        return TrialResult(trial, "damaged")
    if result.final_risk > (1 + ROUNDING) * baseline.start:
        return replace(result, status="diverged")
    return replace(result, learned=result.final_risk < baseline.learned)


def as_csv(plan: SweepPlan, results: Sequence[TrialResult]) -> str:
    """The content of sweep.csv: one row a trial.  A setting called as another column is, such as
    epochs, is config.epochs, as in `compare`."""
    measured = measures(results)
    columns = ("seed", "status", *measured, *ENDS)
    rows: list[Sequence[str]] = [[*named(plan.over, columns), *columns]]
    for result in results:
        values = [flow(value) for _, value in result.trial.settings]
        numbers = [result.value(name) for name in (*measured, *ENDS)]
        cells = ["" if number is None else repr(number) for number in numbers]
        rows.append([*values, str(result.trial.seed), result.status, *cells])
    return csv_text(rows)


def read_csv(plan: SweepPlan, text: str) -> list[TrialResult]:
    """The results in a sweep.csv, as `as_csv` writes it, but for what it does not say: whether
    something was learned, and what early stopping monitors.  Raises ValueError."""
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    found = []
    for trial, row in zip(plan.trials, rows, strict=True):
        if row["seed"] != str(trial.seed):
            raise ValueError(f"seed {row['seed']} in the row of {trial.name}")
        numbers = {name: float(row[name]) for name in (*MEASURES, *EXTRAS, *ENDS) if row.get(name)}
        extras = {name: numbers.pop(name) for name in EXTRAS if name in numbers}
        known: dict[str, Any] = {**numbers}
        known |= {name: int(numbers[name]) for name in ("best_epoch", "epochs") if name in numbers}
        index = dict(trial.settings).get(FOLD)
        fold = None if index is None else (index, plan.folds)
        found.append(TrialResult(trial, row["status"], metrics=extras, fold=fold, **known))
    return found
