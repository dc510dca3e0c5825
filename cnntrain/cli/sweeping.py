"""What the commands for sweeps share: how they show a sweep, and print its tables."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from cnntrain.cli.options import emit, table
from cnntrain.cli.sweep_options import How
from cnntrain.config import Config
from cnntrain.config.emit import flow
from cnntrain.sweep.directory import SweepDirectory
from cnntrain.sweep.execute import Pool, Watcher, check_jobs, cluster, local
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.sweep.results import MEASURES, Group, Result
from cnntrain.text import printable

Report = dict[str, Any]
BAR = 24  # characters of the longest bar


class Shown(Watcher):
    """Progress over trials on standard error: a bar on a terminal, elsewhere a line a trial."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.count = self.total = 0

    def begin(self, trials: int) -> None:
        self.total = trials
        if sys.stderr.isatty():
            self.bar = tqdm(total=trials, file=sys.stderr, leave=False, unit="trial")

    def trial(self, trial: Trial, result: Result) -> None:
        self.count += 1
        if self.bar is not None:
            self.bar.update()
        else:
            loss = "" if result.train_loss is None else f", training loss {result.train_loss:.4g}"
            self.note(f"{self.count}/{self.total} {trial.name}: {result.status}{loss}")

    def note(self, message: str) -> None:
        try:
            tqdm.write(printable(message, 400), file=sys.stderr)
        except (OSError, ValueError):
            return

    def end(self) -> None:
        if self.bar is not None:
            self.bar.close()


def carry_out(
    how: How,
    directory: SweepDirectory,
    config: Config,
    plan: Plan,
    about: str,
    seconds: Callable[[int], float],
    run: Callable[[Pool, Watcher], Report],
    collect: Callable[[], Report],
) -> Report | None:
    """Do what the options ask for; None where that is all, and there is no report.

    about     what is tried, for the line that is shown first
    seconds   about how long all trials take, by the number that run at a time
    """
    jobs = check_jobs(how.jobs)
    if how.print_commands:
        with directory.claim():
            directory.begin(config, plan, how.resume)
        emit(_commands(directory, plan))
        return None
    watcher = Watcher() if how.quiet else Shown()
    watcher.note(
        f"{printable(directory.path, 400)}: {about}, {jobs} at a time, "
        f"about {_duration(seconds(jobs))}"
    )
    if how.dry_run:
        emit("\n".join(trial.name for trial in plan.trials))
        return None
    if how.collect:
        return collect()
    return run(cluster(how.scheduler) if how.scheduler else local(jobs), watcher)


def _duration(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _commands(directory: SweepDirectory, plan: Plan) -> str:
    """One ordinary `cnntrain fit` a line."""
    lines = (["cnntrain", *directory.command(trial, plan)] for trial in plan.trials)
    return "\n".join(shlex.join(line) for line in lines)


def groups_table(found: Sequence[Group], measure: str, mark: Group | None = None) -> str:
    """One line a group: settings, mean ± standard deviation over seeds, and a bar."""
    means = [group.mean(measure) for group in found]
    largest = max((mean for mean in means if mean is not None), default=1.0) or 1.0
    rows = []
    for group, mean in zip(found, means, strict=True):
        values = [printable(flow(value), 24) for _, value in group.settings]
        cells = [_cell(group, name) for name in MEASURES]
        bar = "" if mean is None else "#" * max(round(BAR * mean / largest), 1)
        flag = "*" if group is mark else ""
        rows.append([*values, str(group.n), str(group.diverged or "-"), *cells, flag, bar])
    keys = [printable(key, 24) for key, _ in found[0].settings]
    header = [*keys, "n", "diverged", *(name.replace("_", " ") for name in MEASURES), "", ""]
    lines = [[*row[:-1], row[-1].ljust(BAR)] for row in rows]
    return f"{table(header, lines, left=0)}\n(bars: {measure.replace('_', ' ')})"


def _cell(group: Group, measure: str) -> str:
    mean, deviation = group.mean(measure), group.deviation(measure)
    if mean is None:
        return "-"
    return f"{mean:.4g}" + ("" if deviation is None else f" ± {deviation:.2g}")
