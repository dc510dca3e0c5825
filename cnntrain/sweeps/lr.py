"""A sweep over learning rates: short trainings, and the rate that they suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cnntrain.config import Config
from cnntrain.sweeps.baselines import Baselines, look_ahead
from cnntrain.sweeps.directory import SweepDirectory
from cnntrain.sweeps.executor import local
from cnntrain.sweeps.groups import groups, measured_by, ranking
from cnntrain.sweeps.plan import SweepPlan, check_plan, make_plan
from cnntrain.sweeps.rates import check_rates, rate_key, spaced_rates
from cnntrain.sweeps.results import Result
from cnntrain.sweeps.rules import advice, suggest
from cnntrain.sweeps.runner import Sweep, SweepProgress, check_jobs

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

    Raises, after the tables are written, DivergedError where no rate is usable and TrialError
    where a trial fails.
    """
    rates = spaced_rates(FROM, TO, POINTS) if rates is None else check_rates(rates)
    plan, pool = lr_plan(config, rates, epochs, seeds), local(check_jobs(jobs))
    directory = SweepDirectory(default_directory(config) if run is None else Path(run))
    sweep = Sweep(config, plan, directory, look_ahead(config, plan), lr_report)
    outcome = sweep.run(pool, resume, SweepProgress())
    if outcome.problem is not None:
        raise outcome.problem
    return outcome.report


def default_directory(config: Config) -> Path:
    """Where a sweep over rates goes unless told otherwise."""
    return Path("runs") / f"{config.name}-lr-sweep"


def lr_plan(config: Config, rates: Sequence[float], epochs: int, seeds: int) -> SweepPlan:
    """The plan of a sweep over `rates`; every setting is checked.  Raises UsageError."""
    return check_plan(
        config, make_plan(config, {rate_key(config): rates}, seeds, {"epochs": epochs})
    )


def lr_report(plan: SweepPlan, results: Sequence[Result], ahead: Baselines) -> dict[str, Any]:
    """What sweep.json holds."""
    ((key, rates),) = plan.over.items()
    found = groups(plan, results)
    measure = measured_by(found)
    tried = list(zip(rates, found, strict=True))
    said = asdict(suggest(tried, measure))
    rule, rate, warnings = (said.pop(name) for name in ("rule", "rate", "warnings"))
    # Neither w_0 nor the data depend on the rate.
    starts = {trial.seed: ahead.baselines[trial.name] for trial in plan.trials}
    one = starts[plan.seeds[0]]
    problem = f"no usable rate: at every {key} a trial diverged or learned nothing"
    return {
        "key": key,
        "measure": measure,
        "start_loss": {str(seed): baseline.start for seed, baseline in starts.items()},
        "constant_loss": one.constant,
        "ranking": [group.as_json() for group in ranking(found, measure)],
        "rules": said,
        "rule": rule,
        "suggested_rate": rate,
        "problem": f"{problem} ({advice(tried, one)})" if rate is None else None,
        "warnings": list(warnings),
    }
