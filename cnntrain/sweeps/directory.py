"""The directory of a sweep: its config, its plan, its trials and its tables."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from cnntrain.config import Config, dump, load_config
from cnntrain.config.source.writer import flow
from cnntrain.errors import (
    CheckpointError,
    NotFoundError,
    RunExistsError,
    UsageError,
)
from cnntrain.files import read_text
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.entries import check_entries
from cnntrain.runs.lock import locked
from cnntrain.storage import disk, durable
from cnntrain.sweeps.executor import Task
from cnntrain.sweeps.plan import SweepPlan, Trial, check_plan, make_plan
from cnntrain.sweeps.results import TrialResult, read_csv
from cnntrain.text import argument, elsewhere, printable, shown_path

FILES = {"config.yaml", "plan.json", "sweep.csv", "sweep.json", ".lock", ".lock.json"}
FOLDERS = {"trials"}


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
        """Lock the directory while entered.

        Raises RunExistsError where a run is here, UsageError where something else is,
        CheckpointError where the plan is damaged or something may not be there, LockedError or
        StorageError; nothing here has been touched then.
        """
        self._check_ours()
        disk.make_folder(self.path)
        with locked(self.path):
            self._check_ours()  # it may have changed before it was locked
            durable.clear(self.path)
            yield

    def _check_ours(self) -> None:
        """Raise an error unless the directory is a sweep's, or may become one."""
        place = shown_path(self.path)
        if RunDirectory(self.path).holds_run():
            raise RunExistsError(f"{place} already holds a run ({elsewhere()})")
        check_entries(self.path, FILES, FOLDERS, "the directory of a sweep")
        if disk.exists(self.plan):
            self._stored_plan()
        elif not self._left_by_a_start():
            raise UsageError(
                f"{place} is not empty and holds no sweep (nothing was changed; choose a new or "
                f"an empty directory with {argument('run')})"
            )

    def _left_by_a_start(self) -> bool:
        """Whether there is nothing here but what a start that was interrupted has left."""
        names = {entry.name for entry in disk.entries(self.path)}
        others = {name for name in names if not name.startswith(durable.TEMPORARY)}
        ours = ".lock" in names and others <= {".lock", ".lock.json", "trials"}
        return not names or (ours and not disk.entries(self.trials))

    def begin(self, config: Config, plan: SweepPlan, resume: bool) -> None:
        """Write plan and config, or check that those of the sweep to be resumed are the same.

        Raises RunExistsError where a sweep is here and not `resume`; UsageError where the sweep
        was begun with another config or plan; CheckpointError where they are damaged.
        """
        described, place = json.dumps(plan.as_json(), indent=2) + "\n", shown_path(self.path)
        if self.plan.exists() and not resume:
            raise RunExistsError(
                f"{place} already holds a sweep ({argument('resume', True)} goes on, or "
                f"{elsewhere()})"
            )
        disk.make_folder(self.trials)
        if self.plan.exists():
            if self._text(self.plan) != described:
                raise UsageError(f"{place} was begun with another plan ({elsewhere()})")
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
                f"{place} was begun with another config (give the same config, or {elsewhere()})"
            )

    def read_plan(self, config: Config) -> SweepPlan:
        """The plan of the sweep here, which was begun with `config`.

        Raises NotFoundError, UsageError as `check` does, and CheckpointError.
        """
        if not disk.exists(self.plan):
            raise NotFoundError(f"no sweep in {shown_path(self.path)}")
        self.check(config)
        stored = self._stored_plan()
        with self._damage():
            plan = make_plan(config, stored["over"], len(stored["seeds"]), stored["fixed"])
            if plan.as_json() != stored:
                raise ValueError("not the plan of a sweep")
            return check_plan(config, plan)

    def _stored_plan(self) -> dict[str, Any]:
        """The content of plan.json: its keys are those of a plan.  Raises CheckpointError."""
        text = self._text(self.plan)
        with self._damage():
            stored = json.loads(text, parse_constant=_refuse)
            kinds = [type(stored.get(key)) for key in ("over", "seeds", "fixed")]
            if len(stored) != len(kinds) or kinds != [dict, list, dict]:
                raise ValueError("not the plan of a sweep")
            return cast(dict[str, Any], stored)

    @contextlib.contextmanager
    def _damage(self) -> Iterator[None]:
        """Raise CheckpointError for what is wrong with plan.json."""
        try:
            yield
        except (
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            RecursionError,
            UsageError,
        ) as error:
            place, reason = shown_path(self.plan), printable(error, 200)
            raise CheckpointError(f"cannot read {place}: {reason}") from None

    def _text(self, path: Path) -> str:
        try:
            return read_text(path, links=False)
        except (OSError, ValueError) as error:
            place, reason = shown_path(path), printable(error, 200)
            raise CheckpointError(f"cannot read {place}: {reason}") from None

    def read(self) -> tuple[SweepPlan, list[TrialResult], dict[str, Any]]:
        """The plan of the sweep here, the results in sweep.csv, and what is in sweep.json.

        Raises NotFoundError where there are no tables yet, CheckpointError where they are damaged.
        """
        if not (disk.exists(self.csv) and disk.exists(self.json)):
            place = shown_path(self.path)
            raise NotFoundError(
                f"the sweep in {place} has no tables yet (its runs are in {place}/trials)"
            )
        plan = self.read_plan(load_config(self.config))
        with self._damage():
            report = json.loads(self._text(self.json), parse_constant=_refuse)
            if not isinstance(report, dict) or not {"measure", "warnings"} <= report.keys():
                raise ValueError(f"{self.json.name} is not what a sweep writes")
            return plan, read_csv(plan, self._text(self.csv)), report

    def write(self, table: str, report: Mapping[str, Any]) -> None:
        """Replace sweep.csv and sweep.json."""
        durable.write(self.csv, table.encode())
        text = json.dumps(report, indent=2, allow_nan=False) + "\n"
        durable.write(self.json, text.encode())


def _refuse(constant: str) -> float:
    raise ValueError(f"found {constant}, expected a finite number")
