"""The directory of a sweep: its config, its plan, its trials and its tables."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cnntrain.config import Config, dump
from cnntrain.config.emit import flow
from cnntrain.errors import CheckpointError, NotFoundError, RunExistsError, StorageError, UsageError
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.text import printable
from cnntrain.training import durable
from cnntrain.training.lock import locked


class SweepDirectory:
    """The files of one sweep, at `path`: `config.yaml`, `plan.json`, a run directory a trial in
    `trials/`, `sweep.csv` and `sweep.json`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.plan = path / "plan.json"
        self.csv = path / "sweep.csv"
        self.json = path / "sweep.json"

    def run(self, trial: Trial) -> Path:
        """The run directory of a trial."""
        return self.path / "trials" / trial.name

    @contextlib.contextmanager
    def claim(self) -> Iterator[None]:
        """Be the only process that writes here.  Raises LockedError or StorageError."""
        try:
            (self.path / "trials").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            place = printable(self.path, 400)
            raise StorageError(
                f"cannot make the sweep's directory {place}: {error.strerror}"
            ) from error
        with locked(self.path):
            durable.clear(self.path)
            yield

    def begin(self, config: Config, plan: Plan, resume: bool) -> None:
        """Write config and plan, or check that they are those of the sweep to be gone on with."""
        described = json.dumps(plan.as_json(), indent=2) + "\n"
        place = printable(self.path, 400)
        if self.plan.exists():
            if not resume:
                raise RunExistsError(
                    f"{place} already holds a sweep (choose another directory with --run, or "
                    "--resume this one)"
                )
            if (self.plan.read_text(), self.config.read_text()) != (described, dump(config)):
                raise UsageError(
                    f"{place} was begun with another config or plan (choose another directory "
                    "with --run)"
                )
            return
        durable.write(self.config, dump(config).encode())
        durable.write(self.plan, described.encode())

    def read_plan(self) -> Plan:
        """The plan of the sweep that is here.  Raises NotFoundError or CheckpointError."""
        if not self.plan.exists():
            raise NotFoundError(f"no sweep in {printable(self.path, 400)}")
        place = printable(self.plan, 400)
        try:
            plan = Plan(**json.loads(self.plan.read_text()))
            lists = all(isinstance(values, list) and values for values in plan.over.values())
            seeds = plan.seeds and all(isinstance(seed, int) for seed in plan.seeds)
            if not (plan.over and lists and seeds and isinstance(plan.fixed, dict)):
                raise ValueError("not the plan of a sweep")
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise CheckpointError(f"cannot read {place}: {printable(error)}") from None
        return plan

    def command(self, trial: Trial, plan: Plan) -> list[str]:
        """The arguments of the ordinary `cnntrain fit` that runs a trial."""
        run, settings = str(self.run(trial)), self.settings(trial, plan)
        return ["fit", str(self.config), "--run", run, "--resume", "--quiet", *settings]

    def settings(self, trial: Trial, plan: Plan) -> list[str]:
        """What a trial changes in the config, as options."""
        settings = {**plan.fixed, **dict(trial.settings), "seed": trial.seed}
        return [f"--set={key}={flow(value)}" for key, value in settings.items()]

    def write(self, table: str, report: Mapping[str, Any]) -> None:
        """Replace sweep.csv and sweep.json."""
        durable.write(self.csv, table.encode())
        text = json.dumps(report, indent=2, allow_nan=False) + "\n"
        durable.write(self.json, text.encode())


PROGRAM = [sys.executable, "-m", "cnntrain"]
