"""The trials of a sweep by their settings: means and standard deviations over seeds and folds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnntrain.comparison.estimate import Estimate
from cnntrain.comparison.folds import FOLD, Folds
from cnntrain.comparison.summarize import Place, place
from cnntrain.errors import UsageError
from cnntrain.metrics import EXTRAS, cost, criterion
from cnntrain.sweeps.plan import SweepPlan
from cnntrain.sweeps.results import MEASURES as ALWAYS
from cnntrain.sweeps.results import TrialResult, measures
from cnntrain.text import nearest, printable

COLUMNS = ("n", "diverged", *ALWAYS, *EXTRAS)  # beside the settings, to sort by


@dataclass(frozen=True)
class Group:
    """The trials that differ only in the seed, and in the fold of a cross-validation.

    settings    the values that they try, by key
    n           how many of them are over
    diverged    how many of those diverged
    learned     how many of those learned something
    train_loss, validation_loss, validation_error, train_risk, metrics
                at the best epoch, the early-stopping point, over the trials that ended well
    final_risk  of the last epoch, likewise
    folds       those that the trials that ended well are of; None where no folds are tried
    """

    settings: dict[str, Any]
    n: int
    diverged: int
    learned: int
    train_loss: Estimate
    validation_loss: Estimate
    validation_error: Estimate
    train_risk: Estimate
    final_risk: Estimate
    metrics: dict[str, Estimate] = field(default_factory=dict)
    folds: Folds | None = None

    def mean(self, measure: str) -> float | None:
        """The mean of one of the measures."""
        return self.estimate(measure).mean

    def estimate(self, measure: str) -> Estimate:
        """One of the measures, by name."""
        if measure in EXTRAS:
            return self.metrics.get(measure) or Estimate.of([])
        estimate: Estimate = getattr(self, measure)
        return estimate


def group(results: Sequence[TrialResult]) -> Group:
    """Gather the results of trials that have the same settings."""
    usable = [result for result in results if result.usable]

    def estimate(name: str) -> Estimate:
        return Estimate.over((result.fold, result.value(name)) for result in usable)

    settings = dict(results[0].trial.settings)
    folded = settings.pop(FOLD, None) is not None
    return Group(
        settings=settings,
        n=sum(result.over for result in results),
        diverged=sum(result.diverged for result in results),
        learned=sum(result.learned for result in results),
        **{name: estimate(name) for name in ALWAYS},
        metrics={name: estimate(name) for name in measures(results) if name in EXTRAS},
        folds=Folds.among(result.fold for result in usable) if folded else None,
    )


def groups(results: Sequence[TrialResult]) -> list[Group]:
    """The groups of the trials of a sweep, in the order of these."""
    alike: dict[str, list[TrialResult]] = {}
    for result in results:
        shared = [(key, value) for key, value in result.trial.settings if key != FOLD]
        alike.setdefault(repr(shared), []).append(result)
    return [group(each) for each in alike.values()]


def check_column(column: str, plan: SweepPlan) -> None:
    """Raise UsageError unless groups can be sorted by `column`."""
    columns = [*(key for key in plan.over if key != FOLD), *COLUMNS]
    if column not in columns:
        near = nearest(column, columns)
        hint = f" (did you mean {near}?)" if near else f", expected one of {', '.join(columns)}"
        raise UsageError(f"no column {printable(column)}{hint}")


def by(column: str) -> Callable[[Group], Place]:
    """The key to sort groups by: one of their settings, a count, or the mean of a measure."""

    def key(group: Group) -> Place:
        if column in group.settings:
            return place(group.settings[column])
        if column in ("n", "diverged"):
            return place(getattr(group, column))
        return place(group.mean(column), column)

    return key


def ranked_by(results: Sequence[TrialResult]) -> str:
    """The measure that decides; without a validation part the training loss L_T."""
    usable = [result for result in results if result.usable]

    def known(measure: str) -> bool:
        return any(result.value(measure) is not None for result in usable)

    return criterion((result.monitor for result in usable), known, "train_risk")


def ranking(found: Sequence[Group], measure: str, trials: int) -> tuple[Group, ...]:
    """The best first; last those of whose `trials` trials some diverged or are missing."""

    def place(group: Group) -> tuple[bool, float]:
        mean = group.mean(measure)
        return group.n - group.diverged < trials, math.inf if mean is None else cost(measure, mean)

    return tuple(sorted(found, key=place))
