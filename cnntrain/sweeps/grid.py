"""A sweep over any settings of a config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnntrain.config import Config, ConfigSource, as_config
from cnntrain.config.source.yaml import parse_value
from cnntrain.errors import UsageError
from cnntrain.sweeps.baselines import Baselines
from cnntrain.sweeps.cluster import executor
from cnntrain.sweeps.directory import SweepDirectory
from cnntrain.sweeps.groups import Group, groups, ranked_by, ranking
from cnntrain.sweeps.plan import SweepPlan, check_plan, make_plan
from cnntrain.sweeps.results import TrialResult
from cnntrain.sweeps.runner import Sweep, SweepProgress, missing_trials
from cnntrain.text import printable


@dataclass(frozen=True)
class SweepResult:
    """The result of `sweep`; the fields are the keys of sweep.json and of `sweep --json`.

    over      the values that were tried, by key
    measure   the measure that decides: validation_loss, or another that early stopping monitors, or
              train_risk without a validation part
    ranking   the combinations, that with the best mean first
    problem   why none of them is of use; None where one is
    warnings  what to keep in mind, a line each
    """

    over: dict[str, list[Any]]
    measure: str
    ranking: tuple[Group, ...]
    problem: str | None
    warnings: tuple[str, ...]


def sweep(
    config: ConfigSource,
    *,
    over: Mapping[str, Sequence[Any]],
    seeds: int = 1,
    run: str | Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    progress: SweepProgress | None = None,
) -> SweepResult:
    """Train with every combination of the values in `over`.

    config     a Config, the path of a config file, or a mapping
    over       the values to try, by dotted key of the config
    seeds      trials of each combination: the seed of the config and those after it
    run        the sweep's directory, by default runs/NAME-sweep; each trial is an ordinary run in
               its folder `trials`
    jobs       trials at a time, by default one a core
    scheduler  the address of a Dask cluster to run them on instead
    resume     whether to complete the sweep that is in the directory already
    progress   told how the sweep proceeds; silent by default

    Raises UsageError and ConfigError before anything is trained; after sweep.csv and sweep.json
    are written, DivergedError where every combination diverged, and TrialError where a trial
    failed.

    >>> result = cnntrain.sweep("digits.yaml", over={"batch_size": [32, 64], "epochs": [1, 2]})
    >>> result.ranking[0].settings
    {'batch_size': 32, 'epochs': 2}
    >>> 0 < result.ranking[0].validation_loss.mean < 2.3
    True
    """
    config = as_config(config)
    directory = SweepDirectory(default_directory(config) if run is None else Path(run))
    planned = Sweep(config, grid_plan(config, over, seeds), directory, grid_result)
    run_trials = executor(jobs, scheduler)
    return planned.run(run_trials, resume, progress or SweepProgress()).checked()


def default_directory(config: Config) -> Path:
    """Where a sweep goes unless told otherwise."""
    return Path("runs") / f"{config.name}-sweep"


def grid_plan(config: Config, over: Mapping[str, Sequence[Any]], seeds: int) -> SweepPlan:
    """The plan for all combinations; each setting is checked.  Raises UsageError."""
    return check_plan(config, make_plan(config, over, seeds, {}))


def grid_result(
    plan: SweepPlan, results: Sequence[TrialResult], baselines: Baselines
) -> SweepResult:
    """Rank the combinations."""
    found = groups(results)
    measure = ranked_by(results)
    diverged = all(group.diverged for group in found)
    return SweepResult(
        over=plan.over,
        measure=measure,
        ranking=ranking(found, measure, plan.together),
        problem="every combination diverged (try smaller learning rates)" if diverged else None,
        warnings=missing_trials(results),
    )


def parse_over(texts: Sequence[str]) -> dict[str, list[Any]]:
    """The arguments of --over, each KEY=V1,V2,... with values in YAML.

    Raises UsageError or ConfigError.

    >>> parse_over(["batch_size=16,full"])
    {'batch_size': [16, 'full']}
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
        raise UsageError("nothing to sweep over (keys and their values)")
    return over
