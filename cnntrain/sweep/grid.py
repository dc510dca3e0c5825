"""A sweep over any settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnntrain.config import Config
from cnntrain.config.yaml import parse_value
from cnntrain.errors import UsageError
from cnntrain.sweep.directory import SweepDirectory
from cnntrain.sweep.execute import Pool, Watcher, execute
from cnntrain.sweep.plan import Plan, make_plan, with_settings
from cnntrain.sweep.results import Result, as_csv, groups, measured_by, ranking, read_results
from cnntrain.text import printable


def parse_over(texts: Sequence[str]) -> dict[str, list[Any]]:
    """The arguments of --over, each KEY=V1,V2,... with values in YAML.

    Raises UsageError or ConfigError.
    """
    over: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        source = f"--over {printable(text, 200)}"
        if not equals or not key.strip() or not values.strip():
            raise UsageError(f"{source}: expected KEY=VALUE,VALUE,...")
        if key.strip() in over:
            raise UsageError(f"{source}: {printable(key.strip())} is there twice")
        over[key.strip()] = list(parse_value(f"[{values}]", source))
    if not over:
        raise UsageError("nothing to sweep over: give --over KEY=VALUE,VALUE,...")
    return over


def grid_plan(config: Config, over: Mapping[str, Sequence[Any]], seeds: int) -> Plan:
    """The plan for all combinations; each setting is checked.  Raises ConfigError."""
    plan = make_plan(config, over, seeds, {"compute.workers": 1})
    for trial in plan.trials[:: len(plan.seeds)]:
        with_settings(config, dict(trial.settings))
    return plan


def run_grid(
    config: Config,
    plan: Plan,
    directory: SweepDirectory,
    pool: Pool,
    resume: bool,
    watcher: Watcher,
) -> dict[str, Any]:
    """Run the trials, write the tables, and return what sweep.json holds."""
    with directory.claim():
        directory.begin(config, plan, resume)
        return _conclude(plan, execute(directory, plan, {}, pool, watcher), directory)


def collect_grid(plan: Plan, directory: SweepDirectory) -> dict[str, Any]:
    """The same from the runs that are there."""
    with directory.claim():
        return _conclude(plan, read_results(plan, directory.run, {}), directory)


def _conclude(plan: Plan, results: Sequence[Result], directory: SweepDirectory) -> dict[str, Any]:
    found = groups(plan, results)
    measure = measured_by(found)
    ranked = [group.as_json() for group in ranking(found, measure)]
    report = {"over": plan.over, "measure": measure, "ranking": ranked}
    directory.write(as_csv(plan, results), report)
    return report
