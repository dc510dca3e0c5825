"""A sweep from its plan to its tables: running the trials, or collecting what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.config import Config
from cnntrain.errors import (
    CheckpointError,
    CnntrainError,
    DivergedError,
    NotFoundError,
    UsageError,
)
from cnntrain.nn.execution.cpu import usable_cores
from cnntrain.sweeps.baselines import Baselines
from cnntrain.sweeps.directory import SweepDirectory
from cnntrain.sweeps.executor import Answer, Executor
from cnntrain.sweeps.plan import SweepPlan
from cnntrain.sweeps.results import Result, as_csv, read_result, read_results
from cnntrain.training.signals import Signals

STOPPED = 7  # exit code of a run that was stopped before its end

Report = dict[str, Any]
Reporter = Callable[[SweepPlan, Sequence[Result], Baselines], Report]


class SweepProgress:
    """Overridden by those who show how a sweep goes on."""

    def begin(self, trials: int) -> None:
        """The trials are about to start; `trials` counts those that are not there yet."""

    def trial(self, result: Result) -> None:
        """A trial is over."""

    def note(self, message: str) -> None:
        """Something worth a line."""

    def end(self) -> None:
        """No further calls follow, however the sweep ended."""


class TrialError(CnntrainError):
    """A trial ended with an error, whose exit code this is."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Sweep:
    """A plan for a config, in a directory, with what is known ahead of its trials.

    reporter   makes the report: what sweep.json holds, with `problem`, why it says nothing, and
               `warnings`
    """

    config: Config
    plan: SweepPlan
    directory: SweepDirectory
    ahead: Baselines
    reporter: Reporter

    def results(self) -> list[Result]:
        """What is there of the trials, in the order of the plan."""
        return read_results(self.plan, self.directory.runs(self.plan), self.ahead.baselines)

    def run(self, pool: Executor, resume: bool, watcher: SweepProgress) -> Outcome:
        """Run the trials that are not over yet.  One that fails does not stop the others.

        SIGHUP and SIGUSR1 end nothing meanwhile.
        """
        with Signals(), self.directory.claim():
            self.directory.begin(self.config, self.plan, resume)
            said = self._run(pool, watcher)
            results = self.results()
            failed = [result for result in results if not result.over]
            return self._conclude(results, _failure(failed, said, len(results)))

    def collect(self) -> Outcome:
        """Make the tables from the trials that are there, wherever they were run.

        Raises NotFoundError where none is over.
        """
        with self.directory.claim():
            results = self.results()
            if not any(result.over for result in results):
                raise NotFoundError(f"{_missing(results)} (--print-commands prints them)")
            return self._conclude(results, None)

    def _run(self, pool: Executor, watcher: SweepProgress) -> dict[str, Answer]:
        """How the trials that were not over ended, by name."""
        trials = {result.trial.name: result.trial for result in self.results() if not result.over}
        runs, said = self.directory.runs(self.plan), dict[str, Answer]()

        def ended(name: str, answer: Answer) -> None:
            said[name] = answer
            result = read_result(trials[name], runs[name], self.ahead.baselines[name])
            if not result.over:
                watcher.note(f"{name}: {answer.message}")
            watcher.trial(result)

        watcher.begin(len(trials))
        try:
            if trials:
                tasks = [self.directory.task(self.plan, trial) for trial in trials.values()]
                pool(tasks, ended, watcher.note)
        finally:
            watcher.end()
        return said

    def _conclude(self, results: list[Result], failure: CnntrainError | None) -> Outcome:
        """Write the tables."""
        report = self.reporter(self.plan, results, self.ahead)
        missing = not all(result.over for result in results)
        if missing:
            report["warnings"].insert(0, _missing(results))
        self.directory.write(as_csv(self.plan, results), report)
        problem = failure
        if problem is None and report["problem"] is not None:
            kind = NotFoundError if missing else DivergedError
            problem = kind(_missing(results) if missing else report["problem"])
        return Outcome(results, report, problem)


@dataclass(frozen=True)
class Outcome:
    """What a sweep came to: the results, what sweep.json holds, and what to raise when they have
    been shown."""

    results: list[Result]
    report: Report
    problem: CnntrainError | None


def _failure(failed: Sequence[Result], said: dict[str, Answer], count: int) -> TrialError | None:
    """The error of a sweep with trials that have not come to their end."""
    if not failed:
        return None
    first, name = failed[0], failed[0].trial.name
    code, reason = said[name].code, said[name].message
    if code == 0:
        code, reason = CheckpointError.exit_code, "its summary.json or metrics.csv is damaged"
    elif code == STOPPED:
        reason = f"{first.status} before its end; --resume goes on"
    return TrialError(f"{len(failed)} of {count} trials failed, first {name}: {reason}", code)


def _missing(results: Sequence[Result]) -> str:
    """How many trials are not over, and which is the first."""
    missing = [result.trial.name for result in results if not result.over]
    return f"{len(missing)} of {len(results)} trials are missing (first: {missing[0]})"


def check_jobs(jobs: int | None) -> int:
    """The number of trials at a time, by default one a usable core.  Raises UsageError."""
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} jobs, expected 1 or more")
    return jobs or usable_cores()
