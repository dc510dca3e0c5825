"""What the commands for sweeps share: how they show a sweep, and print its tables."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from cnntrain.cli.options import emit, emit_json, table
from cnntrain.cli.sweep_options import SweepOptions
from cnntrain.config.source.writer import flow
from cnntrain.sweeps.cluster import cluster
from cnntrain.sweeps.executor import local
from cnntrain.sweeps.groups import Group
from cnntrain.sweeps.results import Result
from cnntrain.sweeps.runner import Outcome, Sweep, SweepProgress, check_jobs
from cnntrain.text import printable, shown_path

BAR = 24  # characters of the longest bar


class SweepBar(SweepProgress):
    """Progress over trials on standard error: a bar on a terminal, elsewhere a line a trial."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.count = self.total = 0

    def begin(self, trials: int) -> None:
        self.total = trials
        if sys.stderr is not None and sys.stderr.isatty():
            self.bar = tqdm(total=trials, file=sys.stderr, leave=False, unit="trial")

    def trial(self, result: Result) -> None:
        self.count += 1
        if self.bar is not None:
            self._try(self.bar.update)
        else:
            loss = "" if result.train_loss is None else f", training loss {result.train_loss:.4g}"
            self.note(f"{self.count}/{self.total} {result.trial.name}: {result.status}{loss}")

    def note(self, message: str) -> None:
        self._try(lambda: tqdm.write(printable(message, 400), file=sys.stderr))

    def end(self) -> None:
        if self.bar is not None:
            self._try(self.bar.close)

    def _try(self, action: Callable[[], Any]) -> None:
        """A terminal that has vanished stops nothing."""
        try:
            action()
        except (OSError, ValueError):
            return


def carry_out(sweep: Sweep, about: str, how: SweepOptions, as_json: bool) -> Outcome | None:
    """Do what the options ask for; None where that leaves nothing to show.

    about   what is tried, for the line that is shown first
    """
    if how.collect:
        return sweep.collect()
    if how.print_commands:
        with sweep.directory.claim():
            sweep.directory.begin(sweep.config, sweep.plan, how.resume)
        emit(_commands(sweep))
        return None
    jobs, watcher = check_jobs(how.jobs), SweepProgress() if how.quiet else SweepBar()
    left = [result.trial for result in sweep.results() if not (how.resume and result.over)]
    seconds = sweep.ahead.estimate(left, jobs)
    how_run = f"{jobs} at a time, about {_duration(seconds)}"
    if how.scheduler:
        how_run = f"on the cluster at {printable(how.scheduler)}"
    over = len(sweep.plan.trials) - len(left)
    there = f" ({over} of {len(sweep.plan.trials)} trials are there)" if over else ""
    watcher.note(f"{shown_path(sweep.directory.path)}: {about}{there}, {how_run}")
    if how.dry_run:
        names = [trial.name for trial in left]
        if as_json:
            emit_json({"trials": names, "jobs": jobs, "seconds": round(seconds, 1)})
        else:
            emit("\n".join(names))
        return None
    pool = cluster(how.scheduler) if how.scheduler else local(jobs)
    return sweep.run(pool, how.resume, watcher)


def show(outcome: Outcome, text: Callable[[Outcome], str], as_json: bool) -> None:
    """Print the report, as JSON or as `text` puts it; then raise its problem, if it has one."""
    if as_json:
        emit_json(outcome.report)
    else:
        emit(text(outcome))
    if outcome.problem is not None:
        raise outcome.problem


def _duration(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _commands(sweep: Sweep) -> str:
    """One ordinary `cnntrain fit` a line."""
    tasks = (sweep.directory.task(sweep.plan, trial) for trial in sweep.plan.trials)
    return "\n".join(shlex.join(["cnntrain", *task.arguments]) for task in tasks)


def groups_table(found: Sequence[Group], measure: str, mark: Group | None = None) -> str:
    """One line a group: settings, mean ± standard deviation over seeds, and a bar for `measure`."""
    last = ["validation_error"] if measure == "validation_loss" else []
    shown = ["train_loss", measure, *last]
    means = [group.mean(measure) for group in found]
    largest = max((mean for mean in means if mean is not None), default=1.0) or 1.0
    rows = []
    for group, mean in zip(found, means, strict=True):
        values = [printable(flow(value), 24) for _, value in group.settings]
        cells = [_cell(group, name) for name in shown]
        bar = "" if mean is None else "#" * max(round(BAR * mean / largest), 1)
        flag = "*" if group is mark else ""
        rows.append([*values, str(group.n), str(group.diverged or "-"), *cells, flag, bar])
    keys = [printable(key, 40) for key, _ in found[0].settings]
    header = [*keys, "n", "diverged", *(name.replace("_", " ") for name in shown), "", ""]
    lines = [[*row[:-1], row[-1].ljust(BAR)] for row in rows]
    return f"{table(header, lines, left=0)}\n(bars: {measure.replace('_', ' ')})"


def _cell(group: Group, measure: str) -> str:
    mean, deviation = group.mean(measure), group.deviation(measure)
    if mean is None:
        return "-"
    return f"{mean:.4g}" + ("" if deviation is None else f" ± {deviation:.2g}")
