"""What the report of a sweep is made from: its plan, its trials, and what it concluded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cnntrain.comparison.folds import FOLD
from cnntrain.config import Config, load_config
from cnntrain.metrics import MEASURES
from cnntrain.reports.several.cohort import Cohort
from cnntrain.runs.directory import RunDirectory
from cnntrain.sweeps.directory import SweepDirectory
from cnntrain.sweeps.groups import Group, groups
from cnntrain.sweeps.plan import SweepPlan
from cnntrain.sweeps.results import TrialResult


@dataclass(frozen=True, eq=False)
class SweptTrials:
    """A sweep that has its tables.

    report   what is in its sweep.json
    results  of the trials, in the order of the plan
    """

    directory: SweepDirectory
    config: Config
    plan: SweepPlan
    results: list[TrialResult]
    report: dict[str, Any]

    @classmethod
    def of(cls, path: str | Path) -> SweptTrials:
        """The sweep at `path`.  Raises NotFoundError without tables, CheckpointError."""
        directory = SweepDirectory(Path(path))
        plan, results, report = directory.read()
        return cls(directory, load_config(directory.config), plan, results, report)

    @property
    def measure(self) -> str:
        """The measure that decides."""
        return str(self.report["measure"])

    @property
    def title(self) -> str:
        """What people call it."""
        return MEASURES[self.measure].name

    @property
    def keys(self) -> list[str]:
        """The settings that are tried, but for folds, which belong together."""
        return [key for key in self.plan.over if key != FOLD]

    @cached_property
    def groups(self) -> list[Group]:
        """The trials by settings, in the order of the plan."""
        return groups(self.results)

    @cached_property
    def cohort(self) -> Cohort | None:
        """The trials as runs that are compared; None where none has begun."""
        paths = self.directory.runs(self.plan).values()
        runs = [path for path in paths if RunDirectory(path).holds_run()]
        return Cohort.of(runs, lambda _: None) if runs else None
