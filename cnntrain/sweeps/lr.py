"""A sweep over learning rates: short trainings, and the rate that they suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnntrain.config import Config, ConfigSource, as_config
from cnntrain.errors import UsageError
from cnntrain.sweeps.baselines import Baselines
from cnntrain.sweeps.cluster import executor
from cnntrain.sweeps.directory import SweepDirectory
from cnntrain.sweeps.groups import Group, groups, ranked_by, ranking
from cnntrain.sweeps.plan import SweepPlan, check_plan, make_plan
from cnntrain.sweeps.rates import check_rates, rate_key, spaced_rates
from cnntrain.sweeps.results import TrialResult
from cnntrain.sweeps.rules import Rules, advice, apply_rules, edge_warnings
from cnntrain.sweeps.runner import Sweep, SweepProgress, missing_trials

FROM, TO, POINTS = 1e-4, 1.0, 9  # the rates that are tried by default
EPOCHS, SEEDS = 2, 3


@dataclass(frozen=True)
class LrSweepResult:
    """The result of `lr_sweep`; the fields are the keys of sweep.json and of `lr-sweep --json`.

    key             the rate that was swept, such as learning_rate.initial
    measure         what decides, as for `sweep`: validation_loss, in general
    start_loss      L_T at w_0, by seed
    constant_loss   L_T of the best answer that is the same for all samples
    ranking         the rates, that with the best mean first
    rules           what each rule suggests
    rule            the rule that is followed
    suggested_rate  its rate; None where no rate is usable
    problem         why no rate is usable, and what to try; None where one is
    warnings        what to keep in mind, a line each
    """

    key: str
    measure: str
    start_loss: dict[int, float]
    constant_loss: float
    ranking: tuple[Group, ...]
    rules: Rules
    rule: str
    suggested_rate: float | None
    problem: str | None
    warnings: tuple[str, ...]


def lr_sweep(
    config: ConfigSource,
    *,
    rates: Sequence[float] | None = None,
    epochs: int = EPOCHS,
    seeds: int = SEEDS,
    run: str | Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    resume: bool = False,
    progress: SweepProgress | None = None,
) -> LrSweepResult:
    """Train shortly with each rate and seed, and suggest a rate.

    config     a Config, the path of a config file, or a mapping
    rates      the rates to try, by default 9 from 1e-4 to 1 with equal ratios
    epochs     of each trial: `epochs` of the config, so that a schedule that depends on it shrinks
    seeds      trials of each rate: the seed of the config and those after it, on the same split
    run        the sweep's directory, by default runs/NAME-lr-sweep
    jobs, scheduler, resume, progress
               as for `sweep`

    Raises UsageError and ConfigError before anything is trained; after sweep.csv and sweep.json
    are written, DivergedError where no rate is usable, and TrialError where a trial failed.

    >>> result = cnntrain.lr_sweep("digits.yaml", rates=[0.001, 0.05], epochs=1, seeds=2)
    >>> result.suggested_rate, result.rule
    (0.05, 'one_standard_error')
    >>> result.warnings
    ('the suggested rate is the largest tried: try larger ones',)
    """
    config = as_config(config)
    tried = spaced_rates(FROM, TO, POINTS) if rates is None else check_rates(rates)
    directory = SweepDirectory(default_directory(config) if run is None else Path(run))
    planned = Sweep(config, lr_plan(config, tried, epochs, seeds), directory, lr_result)
    run_trials = executor(jobs, scheduler)
    return planned.run(run_trials, resume, progress or SweepProgress()).checked()


def default_directory(config: Config) -> Path:
    """Where a sweep over rates goes unless told otherwise."""
    return Path("runs") / f"{config.name}-lr-sweep"


def lr_plan(config: Config, rates: Sequence[float], epochs: int, seeds: int) -> SweepPlan:
    """The plan of a sweep over `rates`; every setting is checked.  Raises UsageError."""
    return check_plan(
        config, make_plan(config, {rate_key(config): rates}, seeds, {"epochs": epochs})
    )


def check_lr_plan(config: Config, plan: SweepPlan) -> None:
    """Raise UsageError unless `plan` is that of a sweep over learning rates."""
    ((key, values), *others) = plan.over.items()
    if others or key != rate_key(config) or "epochs" not in plan.fixed:
        raise UsageError(f"no sweep over {rate_key(config)} as lr-sweep makes them")
    if check_rates(values) != values:
        raise UsageError("the rates are not in rising order")


def lr_result(
    plan: SweepPlan, results: Sequence[TrialResult], baselines: Baselines
) -> LrSweepResult:
    """Rank the rates, and apply the rules."""
    ((key, rates),) = plan.over.items()
    found, trials = groups(results), len(plan.seeds)
    measure = ranked_by(results)
    tried = list(zip(rates, found, strict=True))
    rules = apply_rules(tried, measure, trials)
    # Neither w_0 nor the data depend on the rate.
    starts = {trial.seed: baselines.losses[trial.name] for trial in plan.trials}
    baseline = starts[plan.seeds[0]]
    problem = None
    if rules.suggested is None:
        hint = advice(tried, baseline)
        problem = f"no usable rate: at every {key} a trial diverged or learned nothing ({hint})"
    return LrSweepResult(
        key=key,
        measure=measure,
        start_loss={seed: one.start for seed, one in starts.items()},
        constant_loss=baseline.constant,
        ranking=ranking(found, measure, trials),
        rules=rules,
        rule=rules.followed,
        suggested_rate=rules.suggested,
        problem=problem,
        warnings=(*missing_trials(results), *edge_warnings(rules, rates)),
    )
