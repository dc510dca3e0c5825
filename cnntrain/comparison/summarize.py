"""Runs as the rows of a table: one row for the seeds and folds of the same settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cnntrain.comparison.estimate import Estimate
from cnntrain.comparison.folds import Folds, fold_of, without_fold
from cnntrain.comparison.groups import grouped, label
from cnntrain.comparison.runs import RunRecord
from cnntrain.comparison.settings import setting
from cnntrain.config.source.writer import flow
from cnntrain.metrics import METRICS, cost
from cnntrain.models.report import EvaluationReport

RESULTS = ("epochs", "best_epoch", "validation_error", "validation_loss", "parameters", "seconds")
TESTED = ("test_loss", "test_error", "test_error_low", "test_error_high")
PREFIX = "config."  # of a setting with the name of another column

Tests = Mapping[str, EvaluationReport]
Place = tuple[int, float, str]


@dataclass(frozen=True)
class Entry:
    """Runs that differ only in name, seed and fold; the fields are the keys of `compare --json`.

    label         the path of the run, or what the paths of several share, such as runs/seed-*
    runs, seeds   the paths of the runs, and their seeds
    n             how many runs they are
    status        that of all runs, or the different ones with commas between
    settings      the values of the settings in which the runs that are compared differ
    epochs, parameters, seconds
                  means and standard deviations over the runs
    best_epoch, validation_error, validation_loss, metrics
                  those of the early-stopping point
    test_loss, test_error, test_error_low, test_error_high
                  on the test part, with the 95 % bounds of the error; None unless asked for
    folds         those of a cross-validation that the runs are of; None where they are of none
    """

    label: str
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    n: int
    status: str
    settings: dict[str, Any]
    epochs: Estimate
    best_epoch: Estimate
    validation_error: Estimate
    validation_loss: Estimate
    parameters: Estimate
    seconds: Estimate
    test_loss: Estimate | None = None
    test_error: Estimate | None = None
    test_error_low: Estimate | None = None
    test_error_high: Estimate | None = None
    metrics: dict[str, Estimate] = field(default_factory=dict)
    folds: Folds | None = None

    def estimate(self, result: str) -> Estimate:
        """One of the results, by name."""
        estimate: Estimate = self.metrics.get(result) or getattr(self, result)
        return estimate

    def as_json(self) -> dict[str, Any]:
        """As `compare --json` prints it."""
        metrics = {name: asdict(estimate) for name, estimate in self.metrics.items()}
        own = {key: value for key, value in asdict(self).items() if key != "metrics"}
        return {key: value for key, value in {**own, **metrics}.items() if value is not None}


def summarize(
    runs: Sequence[RunRecord], settings: Sequence[str], tests: Tests | None
) -> list[Entry]:
    """The entries of a table of `runs`, of which none repeats another.

    settings  keys of the config
    tests     the reports of `evaluate` by path, without those of runs that have no checkpoint;
              None where the test part is not asked for
    """
    entries, measured = [], metrics_of(runs)
    paths = {run.path for run in runs}
    for group in grouped(runs):
        own = tuple(run.path for run in group)
        folds, shared = [fold_of(run.settings) for run in group], group[0].settings
        if len(set(folds)) > 1:
            shared = without_fold(shared)

        def estimate(values: Iterable[float | None], folds: Sequence[object] = folds) -> Estimate:
            return Estimate.over(zip(folds, values, strict=True))

        results = {name: estimate(getattr(run, name) for run in group) for name in RESULTS}
        if tests is not None:
            rows = [_tested(tests.get(run.path)) for run in group]
            results |= {name: estimate(row[name] for row in rows) for name in TESTED}
        entries.append(
            Entry(
                label=label(own, paths.difference(own)),
                runs=own,
                seeds=tuple(run.seed for run in group),
                n=len(group),
                status=", ".join(dict.fromkeys(run.status for run in group)),
                metrics={
                    name: estimate(run.metrics.get(name) for run in group) for name in measured
                },
                settings={key: setting(shared, key) for key in settings},
                folds=Folds.among(folds),
                **results,
            )
        )
    return entries


def metrics_of(runs: Sequence[RunRecord]) -> list[str]:
    """Those that some of the runs measure, in the order of the documentation."""
    return [name for name in METRICS if any(name in run.metrics for run in runs)]


def _tested(report: EvaluationReport | None) -> dict[str, float | None]:
    """The results of one run on the test part; None for what it lacks."""
    if report is None:
        return dict.fromkeys(TESTED)
    low, high = report.error_interval or (None, None)
    return dict(zip(TESTED, (report.loss, report.zero_one_error, low, high), strict=True))


def matches(found: Any, wanted: Any) -> bool:
    """Whether a value is `wanted`, as text, as in YAML, or as a number."""
    if str(wanted) in {str(found), flow(found)}:
        return True
    try:
        return float(found) == float(wanted)
    except (TypeError, ValueError):
        return False


def value(entry: Entry, column: str) -> Any:
    """The value of an entry in a column: the mean of a result, otherwise that of all its
    runs, or of the first."""
    if column in RESULTS or column in TESTED or column in entry.metrics:
        return entry.estimate(column).mean
    own = {"run": entry.label, "n": entry.n, "status": entry.status, "seed": entry.seeds[0]}
    return own[column] if column in own else entry.settings[column.removeprefix(PREFIX)]


def value_of_run(run: RunRecord, column: str) -> Any:
    """The value of a run in a column that is not about groups of runs."""
    own = {"run": run.path, "status": run.status, "seed": run.seed}
    return own[column] if column in own else setting(run.settings, column.removeprefix(PREFIX))


def by(column: str) -> Callable[[Entry], Place]:
    """The key to sort entries by: the best first, where it is known which is."""
    return lambda entry: place(value(entry, column), column)


def place(found: Any, column: str = "") -> Place:
    """Where a value stands in a sorted column: numbers, then text, then what is None."""
    if found is None:
        return 2, 0.0, ""
    number = isinstance(found, int | float)
    return (0, cost(column, float(found)), "") if number else (1, 0.0, str(found))
