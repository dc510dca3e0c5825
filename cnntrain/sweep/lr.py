"""A sweep over learning rates: short trainings, and the rate that they suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cnntrain.config import Config
from cnntrain.errors import DivergedError
from cnntrain.sweep.directory import SweepDirectory
from cnntrain.sweep.execute import (
    Pool,
    Start,
    Watcher,
    check_jobs,
    execute,
    local,
    look_ahead,
)
from cnntrain.sweep.plan import (
    Plan,
    check_rates,
    make_plan,
    rate_key,
    spaced_rates,
    with_settings,
)
from cnntrain.sweep.results import Result, as_csv, groups, measured_by, ranking, read_results
from cnntrain.sweep.rules import suggest
from cnntrain.text import printable

FROM, TO, POINTS = 1e-4, 1.0, 9


def lr_sweep(
    config: Config,
    rates: Sequence[float] | None = None,
    epochs: int = 2,
    seeds: int = 3,
    run: str | Path | None = None,
    jobs: int | None = None,
    resume: bool = False,
) -> dict[str, Any]:
    """Train `config` shortly with each rate and seed, and return what sweep.json holds.

    rates    by default 9 from 1e-4 to 1 with equal ratios
    epochs   of each trial: `epochs` of the config, so that a schedule that depends on it shrinks
    seeds    replicates: the seed of `config` and those after it, on the same split
    run      the sweep's directory, by default runs/<name>-lr-sweep
    jobs     trials at a time, by default one a core

    Raises DivergedError where no rate is usable, after the tables are written; TrialError where a
    trial fails.
    """
    rates = spaced_rates(FROM, TO, POINTS) if rates is None else check_rates(rates)
    plan = lr_plan(config, rates, epochs, seeds)
    directory = SweepDirectory(default_directory(config) if run is None else Path(run))
    start = look_ahead(config, plan)
    return run_lr_sweep(config, plan, start, directory, local(check_jobs(jobs)), resume, Watcher())


def default_directory(config: Config) -> Path:
    """Where a sweep over rates goes unless told otherwise."""
    return Path("runs") / f"{config.name}-lr-sweep"


def lr_plan(config: Config, rates: Sequence[float], epochs: int, seeds: int) -> Plan:
    """The plan of a sweep over `rates`; every setting is checked.  Raises ConfigError."""
    key, fixed = rate_key(config), {"epochs": epochs, "compute.workers": 1, "max_minutes": "none"}
    for rate in rates:
        with_settings(config, {**fixed, key: rate})
    return make_plan(config, {key: list(rates)}, seeds, fixed)


def run_lr_sweep(
    config: Config,
    plan: Plan,
    start: Start,
    directory: SweepDirectory,
    pool: Pool,
    resume: bool,
    watcher: Watcher,
) -> dict[str, Any]:
    """Run the trials, write the tables, and return the report."""
    with directory.claim():
        directory.begin(config, plan, resume)
        results = execute(directory, plan, start.losses, pool, watcher)
        return _conclude(plan, results, start, directory)


def collect_lr_sweep(plan: Plan, start: Start, directory: SweepDirectory) -> dict[str, Any]:
    """The same from the runs that are there, wherever they were made."""
    with directory.claim():
        results = read_results(plan, directory.run, start.losses)
        return _conclude(plan, results, start, directory)


def _conclude(
    plan: Plan, results: Sequence[Result], start: Start, directory: SweepDirectory
) -> dict[str, Any]:
    """Write the tables and return the report; DivergedError where no rate is usable."""
    report = lr_report(plan, results, start)
    directory.write(as_csv(plan, results), report)
    if report["suggested_rate"] is None:
        (key,) = plan.over
        raise DivergedError(
            f"no usable rate: at every {key} tried a trial diverged or learned nothing (try "
            f"smaller ones than {min(plan.over[key]):g}; see {printable(directory.csv, 400)})"
        )
    return report


def lr_report(plan: Plan, results: Sequence[Result], start: Start) -> dict[str, Any]:
    """What sweep.json holds."""
    ((key, rates),) = plan.over.items()
    found = groups(plan, results)
    measure = measured_by(found)
    said = asdict(suggest(list(zip(rates, found, strict=True)), measure))
    rule, rate, warnings = (said.pop(name) for name in ("rule", "rate", "warnings"))
    return {
        "key": key,
        "measure": measure,
        "start_loss": {str(seed): loss for seed, loss in start.losses.items()},
        "ranking": [group.as_json() for group in ranking(found, measure)],
        "rules": said,
        "rule": rule,
        "suggested_rate": rate,
        "warnings": list(warnings),
    }
