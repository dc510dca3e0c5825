"""The directory of a sweep: its config, its plan, its trials and its tables."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cnntrain.config import Config, dump
from cnntrain.config.source.writer import flow
from cnntrain.errors import (
    CheckpointError,
    ConfigError,
    NotFoundError,
    RunExistsError,
    UsageError,
)
from cnntrain.files import read_text
from cnntrain.runs import durable
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.lock import locked
from cnntrain.sweeps.executor import Task
from cnntrain.sweeps.plan import SweepPlan, Trial, check_plan
from cnntrain.text import printable, shown_path


class SweepDirectory:
    """The files of a sweep, at `path`: `config.yaml`, `plan.json`, the run directories of the
    trials in `trials/`, `sweep.csv` and `sweep.json`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.plan = path / "plan.json"
        self.trials = path / "trials"
        self.csv = path / "sweep.csv"
        self.json = path / "sweep.json"

    def runs(self, plan: SweepPlan) -> dict[str, Path]:
        """The run directories of the trials, by their names."""
        return {trial.name: self.trials / trial.name for trial in plan.trials}

    def task(self, plan: SweepPlan, trial: Trial) -> Task:
        """The task of running a trial."""
        settings = plan.settings(trial).items()
        options = tuple(f"--set={key}={flow(value)}" for key, value in settings)
        return Task(trial.name, self.config, self.trials / trial.name, options)

    @contextlib.contextmanager
    def claim(self) -> Iterator[None]:
        """Lock the directory while entered.  Raises LockedError or StorageError."""
        durable.make_folder(self.path)
        with locked(self.path):
            durable.clear(self.path)
            yield

    def begin(self, config: Config, plan: SweepPlan, resume: bool) -> None:
        """Write plan and config, or check that those of the sweep to be resumed are the same.

        Raises RunExistsError where a run is here, or a sweep and not `resume`; UsageError where
        the sweep was begun with another config or plan; CheckpointError where they are damaged.
        """
        described, place = json.dumps(plan.as_json(), indent=2) + "\n", shown_path(self.path)
        if self.plan.exists() and not resume:
            raise RunExistsError(
                f"{place} already holds a sweep (choose another directory with --run, or --resume "
                "this one)"
            )
        if RunDirectory(self.path).holds_run():
            raise RunExistsError(
                f"{place} already holds a run (choose another directory with --run)"
            )
        durable.make_folder(self.trials)
        if self.plan.exists():
            if self._text(self.plan) != described:
                raise UsageError(
                    f"{place} was begun with another plan (choose another directory with --run)"
                )
            if self.config.exists() or list(self.trials.iterdir()):
                self.check(config)
                return
        durable.write(self.plan, described.encode())
        durable.write(self.config, dump(config).encode())

    def check(self, config: Config) -> None:
        """Raise UsageError unless the sweep here was begun with `config`."""
        if self._text(self.config) != dump(config):
            place = shown_path(self.path)
            raise UsageError(
                f"{place} was begun with another config (give the same CONFIG and --set, or "
                "choose another directory with --run)"
            )

    def read_plan(self, config: Config) -> SweepPlan:
        """The plan of the sweep here, which was begun with `config`.

        Raises NotFoundError, UsageError as `check` does, and CheckpointError.
        """
        if not self.plan.exists():
            raise NotFoundError(f"no sweep in {shown_path(self.path)}")
        self.check(config)
        try:
            plan = SweepPlan(**json.loads(self._text(self.plan)))
            lists = all(isinstance(values, list) and values for values in plan.over.values())
            seeds = plan.seeds and all(isinstance(seed, int) for seed in plan.seeds)
            if not (plan.over and lists and seeds and isinstance(plan.fixed, dict)):
                raise ValueError("not the plan of a sweep")
            return check_plan(config, plan)
        except (ValueError, TypeError, AttributeError, ConfigError) as error:
            place, reason = shown_path(self.plan), printable(error, 200)
            raise CheckpointError(f"cannot read {place}: {reason}") from None

    def _text(self, path: Path) -> str:
        try:
            return read_text(path, links=False)
        except (OSError, ValueError) as error:
            place, reason = shown_path(path), printable(error, 200)
            raise CheckpointError(f"cannot read {place}: {reason}") from None

    def write(self, table: str, report: Mapping[str, Any]) -> None:
        """Replace sweep.csv and sweep.json."""
        durable.write(self.csv, table.encode())
        text = json.dumps(report, indent=2, allow_nan=False) + "\n"
        durable.write(self.json, text.encode())
