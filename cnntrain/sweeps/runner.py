"""A sweep from its plan to its tables: run the trials, or collect those that were run elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import Field, asdict, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from cnntrain.config import Config
from cnntrain.errors import (
    CheckpointError,
    CnntrainError,
    DivergedError,
    NotFoundError,
)
from cnntrain.sweeps.baselines import Baselines, measure_baselines
from cnntrain.sweeps.directory import SweepDirectory
from cnntrain.sweeps.executor import Answer, Executor
from cnntrain.sweeps.plan import SweepPlan
from cnntrain.sweeps.results import TrialResult, as_csv, read_result, read_results
from cnntrain.text import argument
from cnntrain.training.signals import Signals

STOPPED = 7  # exit code of a run that was stopped before its end


class Report(Protocol):
    """The result of a sweep: a dataclass whose fields are the keys of sweep.json.

    problem   why the result is of no use, None where it is
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def problem(self) -> str | None: ...


R = TypeVar("R", bound=Report)
Summarize = Callable[[SweepPlan, Sequence[TrialResult], Baselines], R]


class SweepProgress:
    """Told how a sweep proceeds; the methods do nothing and are there to be overridden."""

    def begin(self, trials: int) -> None:
        """The sweep is about to run `trials` trials, those that are not over yet."""

    def trial(self, result: TrialResult) -> None:
        """A trial is over."""

    def note(self, message: str) -> None:
        """Something worth a line."""

    def end(self) -> None:
        """No further calls follow, however the sweep ended."""


class TrialError(CnntrainError):
    """A trial ended with an error; the exit code is that of the trial."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """The results of the trials, the report made from them, and the error to raise once they have
    been shown."""

    results: list[TrialResult]
    report: R
    problem: CnntrainError | None

    def checked(self) -> R:
        """The report.  Raises the error, if there is one."""
        if self.problem is not None:
            raise self.problem
        return self.report


class Sweep(Generic[R]):
    """A config, a plan and a directory; `summarize` makes the report from the results.

    Creating one measures the baselines of the trials, and so finds out before the first of them
    starts whether each can be trained.  Raises DataError and ConfigError.
    """

    def __init__(
        self,
        config: Config,
        plan: SweepPlan,
        directory: SweepDirectory,
        summarize: Summarize[R],
    ) -> None:
        self.config, self.plan, self.directory = config, plan, directory
        self.baselines = measure_baselines(config, plan)
        self._summarize = summarize

    def results(self) -> list[TrialResult]:
        """The results so far, in the order of the plan."""
        return read_results(self.plan, self.directory.runs(self.plan), self.baselines)

    def run(self, executor: Executor, resume: bool, progress: SweepProgress) -> Outcome[R]:
        """Run the trials that are not over yet.  One that fails does not stop the others.

        SIGHUP and SIGUSR1 end nothing meanwhile.
        """
        with Signals(), self.directory.claim():
            self.directory.begin(self.config, self.plan, resume)
            answers = self._run(executor, progress)
            results = self.results()
            return self._conclude(results, _failure(results, answers))

    def collect(self) -> Outcome[R]:
        """Make the tables from the trials in the directory, wherever they were run.

        Raises NotFoundError where none is over.
        """
        with self.directory.claim():
            results = self.results()
            if not any(result.over for result in results):
                (missing,) = missing_trials(results)
                raise NotFoundError(f"{missing}")
            return self._conclude(results, None)

    def _run(self, executor: Executor, progress: SweepProgress) -> dict[str, Answer]:
        """How the trials that were not over yet ended, by name."""
        trials = {result.trial.name: result.trial for result in self.results() if not result.over}
        runs, answers = self.directory.runs(self.plan), dict[str, Answer]()

        def ended(name: str, answer: Answer) -> None:
            answers[name] = answer
            result = read_result(trials[name], runs[name], self.baselines)
            if not result.over:
                progress.note(f"{name}: {answer.message}")
            progress.trial(result)

        progress.begin(len(trials))
        try:
            if trials:
                tasks = [self.directory.task(self.plan, trial) for trial in trials.values()]
                executor(tasks, ended, progress.note)
        finally:
            progress.end()
        return answers

    def _conclude(self, results: list[TrialResult], failure: CnntrainError | None) -> Outcome[R]:
        """Write the tables."""
        report = self._summarize(self.plan, results, self.baselines)
        self.directory.write(as_csv(self.plan, results), asdict(report))
        problem = failure
        if problem is None and report.problem is not None:
            missing = missing_trials(results)
            problem = NotFoundError(*missing) if missing else DivergedError(report.problem)
        return Outcome(results, report, problem)


def _failure(results: Sequence[TrialResult], answers: dict[str, Answer]) -> TrialError | None:
    """The error of a sweep some of whose trials are not over."""
    failed = [result for result in results if not result.over]
    if not failed:
        return None
    first, name = failed[0], failed[0].trial.name
    code, reason = answers[name].code, answers[name].message
    if code == 0:
        code, reason = CheckpointError.exit_code, "its files are damaged, or those of another run"
    elif code == STOPPED:
        reason = f"{first.status} before its end ({argument('resume', True)} goes on)"
    count = f"{len(failed)} of {len(results)} trials failed"
    return TrialError(f"{count}, first {name}: {reason}", code)


def missing_trials(results: Sequence[TrialResult]) -> tuple[str, ...]:
    """One line that counts the trials that are not over, none where all are."""
    missing = [result.trial.name for result in results if not result.over]
    if not missing:
        return ()
    return (f"{len(missing)} of {len(results)} trials are missing (first: {missing[0]})",)
