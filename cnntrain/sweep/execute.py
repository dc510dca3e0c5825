"""Running the trials of a sweep, and reading what they left."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cnntrain.config import Config
from cnntrain.errors import CnntrainError, UsageError
from cnntrain.nn.cpu import usable_cores
from cnntrain.prepare import prepare
from cnntrain.sweep.cluster import run_on_cluster
from cnntrain.sweep.directory import PROGRAM, SweepDirectory
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.sweep.pool import run_all
from cnntrain.sweep.results import Result, read_result, read_results

STARTING = 0.7  # seconds that a process takes before it trains
ENDED = {0, 6, 7}  # exit codes of trials that are results


Ended = Callable[[Trial, int, str], None]
Pool = Callable[[SweepDirectory, Plan, Sequence[Trial], Ended], None]


class Watcher:
    """Overridden by those who show how a sweep goes on."""

    def begin(self, trials: int) -> None:
        """The trials are about to start; `trials` counts those that are not there yet."""

    def trial(self, trial: Trial, result: Result) -> None:
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


def execute(
    directory: SweepDirectory,
    plan: Plan,
    start_losses: Mapping[int, float],
    pool: Pool,
    watcher: Watcher,
) -> list[Result]:
    """Run what is missing, and return the results of all trials in the order of the plan.

    start_losses   L_T at w_0 by seed, above which a trial counts as diverged
    pool           who runs them

    A trial that fails does not stop the others; TrialError when all are over.
    """
    failed: list[tuple[Trial, int, str]] = []

    def read(trial: Trial) -> Result:
        return read_result(trial, directory.run(trial), start_losses.get(trial.seed, math.inf))

    def ended(trial: Trial, code: int, said: str) -> None:
        if code not in ENDED:
            failed.append((trial, code, said))
            watcher.note(f"{trial.name}: {said or f'ended with exit code {code}'}")
        watcher.trial(trial, read(trial))

    missing = [trial for trial in plan.trials if not is_over(read(trial))]
    watcher.begin(len(missing))
    try:
        if missing:
            pool(directory, plan, missing, ended)
    finally:
        watcher.end()
    if failed:
        trial, code, said = failed[0]
        reason = said.removeprefix("cnntrain: error: ") or f"exit code {code}"
        raise TrialError(
            f"{len(failed)} of {len(plan.trials)} trials failed, first {trial.name}: {reason}",
            code if code > 0 else CnntrainError.exit_code,
        )
    return read_results(plan, directory.run, start_losses)


def local(jobs: int) -> Pool:
    """A pool of processes on this machine, `jobs` at a time."""

    def run(directory: SweepDirectory, plan: Plan, trials: Sequence[Trial], ended: Ended) -> None:
        commands = [(trial, [*PROGRAM, *directory.command(trial, plan)]) for trial in trials]
        run_all(commands, jobs, ended)

    return run


def cluster(address: str) -> Pool:
    """The Dask cluster whose scheduler is at `address`."""

    def run(directory: SweepDirectory, plan: Plan, trials: Sequence[Trial], ended: Ended) -> None:
        run_on_cluster(address, directory, plan, trials, ended)

    return run


def is_over(result: Result) -> bool:
    """Whether a trial has come to its end, a bad one included."""
    return result.usable or result.status == "diverged"


def check_jobs(jobs: int | None) -> int:
    """The number of trials at a time, by default one a usable core.  Raises UsageError."""
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} jobs, expected 1 or more")
    return jobs or usable_cores()


@dataclass(frozen=True)
class Start:
    """What is known of the trainings before they begin: L_T at w_0 by seed, and about how many
    seconds an epoch takes with one thread."""

    losses: dict[int, float]
    seconds_per_epoch: float

    def estimate(self, plan: Plan, epochs: int, jobs: int) -> float:
        """About how many seconds all trials take."""
        each = STARTING + epochs * self.seconds_per_epoch
        return each * -(-len(plan.trials) // jobs)


def look_ahead(config: Config, plan: Plan, steps: int = 3) -> Start:
    """Measure it: L_T for each seed's w_0, and the time of a few steps.

    Raises DataError and ConfigError, before any trial is started.
    """
    config = config.model_copy(update={"compute": config.compute.model_copy(update={"workers": 1})})
    dataset, network, batches = prepare(config)
    samples = dataset.samples(dataset.train)
    losses = {
        seed: network.measure(network.initial_parameters(seed), samples)[0].risk
        for seed in plan.seeds
    }
    w = network.initial_parameters(config.seed)
    started, taken = time.monotonic(), 0
    for positions in batches.batches(1):
        batch = dataset.samples(dataset.train, positions)
        network.sums_and_gradient(w, batch, (0, 0, taken))
        taken += 1
        if taken == steps:
            break
    per_step = (time.monotonic() - started) / taken
    return Start(losses, per_step * batches.steps_per_epoch)
