"""Sweeps on the command line: running one, its progress, its tables."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from tqdm import tqdm

from cnntrain.cli.options import emit, emit_json
from cnntrain.cli.sweep_options import SweepOptions
from cnntrain.sweeps.cluster import executor
from cnntrain.sweeps.executor import check_jobs
from cnntrain.sweeps.results import TrialResult
from cnntrain.sweeps.runner import Outcome, Report, Sweep, SweepProgress
from cnntrain.text import loss_text, printable, shown_path

R = TypeVar("R", bound=Report)


class SweepBar(SweepProgress):
    """Progress on standard error: a bar of trials on a terminal, elsewhere a line a trial."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.count = self.total = 0

    def begin(self, trials: int) -> None:
        self.total = trials
        if sys.stderr is not None and sys.stderr.isatty():
            self._try(self._open)

    def _open(self) -> None:
        self.bar = tqdm(total=self.total, file=sys.stderr, leave=False, unit="trial")

    def trial(self, result: TrialResult) -> None:
        self.count += 1
        if self.bar is not None:
            self._try(self.bar.update)
        else:
            loss = loss_text(result.train_loss)
            loss = loss and f", training loss {loss}"
            self.note(f"{self.count}/{self.total} {result.trial.name}: {result.status}{loss}")

    def note(self, message: str) -> None:
        self._try(lambda: tqdm.write(printable(message, 400), file=sys.stderr))

    def end(self) -> None:
        if self.bar is not None:
            self._try(self.bar.close)

    def _try(self, action: Callable[[], Any]) -> None:
        """Do it, unless the terminal has vanished: that stops no sweep."""
        try:
            action()
        except (OSError, ValueError):
            return


def carry_out(
    sweep: Sweep[R], about: str, options: SweepOptions, as_json: bool
) -> Outcome[R] | None:
    """Do what the options ask for; None where that leaves no tables to show.

    about   what is tried, for the line that is shown first
    """
    if options.collect:
        return sweep.collect()
    if options.print_commands:
        with sweep.directory.claim():
            sweep.directory.begin(sweep.config, sweep.plan, options.resume)
        emit(_commands(sweep))
        return None
    jobs, progress = check_jobs(options.jobs), SweepProgress() if options.quiet else SweepBar()
    left = [result.trial for result in sweep.results() if not (options.resume and result.over)]
    seconds = sweep.baselines.estimate(left, jobs)
    place, over = shown_path(sweep.directory.path), len(sweep.plan.trials) - len(left)
    there = f" ({over} of {len(sweep.plan.trials)} trials are there)" if over else ""
    means = f"{jobs} at a time, about {_duration(seconds)}"
    if options.scheduler:
        means = f"on the cluster at {printable(options.scheduler)}"
    progress.note(f"{place}: {about}{there}, {means}")
    if options.dry_run:
        names = [trial.name for trial in left]
        if as_json:
            emit_json({"trials": names, "jobs": jobs, "seconds": round(seconds, 1)})
        else:
            emit("\n".join(names))
        return None
    return sweep.run(executor(options.jobs, options.scheduler), options.resume, progress)


def show(outcome: Outcome[R], text: str, as_json: bool) -> R:
    """Print the report as JSON, or `text` instead, and return it; raise its problem, if any."""
    if as_json:
        emit_json(asdict(outcome.report))
    else:
        emit(text)
    return outcome.checked()


def _duration(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _commands(sweep: Sweep[R]) -> str:
    """One ordinary `cnntrain fit` a line."""
    tasks = (sweep.directory.task(sweep.plan, trial) for trial in sweep.plan.trials)
    return "\n".join(shlex.join(["cnntrain", *task.arguments]) for task in tasks)
