"""The results of a sweep by their settings: means and deviations over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.sweeps.plan import SweepPlan
from cnntrain.sweeps.results import MEASURES, Result


@dataclass(frozen=True)
class Group:
    """The trials that differ in the seed alone: mean and standard deviation of each measure over
    those that did not diverge (None where there are none, or too few)."""

    settings: tuple[tuple[str, Any], ...]
    results: Sequence[Result]

    @property
    def n(self) -> int:
        """Trials that are over."""
        return sum(result.over for result in self.results)

    @property
    def diverged(self) -> int:
        """How many of them diverged."""
        return sum(result.diverged for result in self.results)

    @property
    def learned(self) -> int:
        """How many of them learned something."""
        return sum(result.learned for result in self.results)

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
        counts = {"n": self.n, "diverged": self.diverged, "learned": self.learned}
        numbers = {
            measure: {"mean": self.mean(measure), "deviation": self.deviation(measure)}
            for measure in MEASURES
        }
        return {"settings": dict(self.settings), **counts, **numbers}


def groups(plan: SweepPlan, results: Sequence[Result]) -> list[Group]:
    """Results by their settings, in the order of the plan."""
    each = len(plan.seeds)
    pieces = [results[start : start + each] for start in range(0, len(results), each)]
    return [Group(piece[0].trial.settings, piece) for piece in pieces]


def measured_by(found: Sequence[Group]) -> str:
    """What trials are compared by: the validation loss, or the training loss without one."""
    with_validation = any(group.mean("validation_loss") is not None for group in found)
    return "validation_loss" if with_validation else "train_risk"


def ranking(found: Sequence[Group], measure: str) -> list[Group]:
    """The best first, those with diverged or missing trials last."""

    def place(group: Group) -> tuple[bool, float]:
        mean = group.mean(measure)
        return not group.sound, float("inf") if mean is None else mean

    return sorted(found, key=place)
