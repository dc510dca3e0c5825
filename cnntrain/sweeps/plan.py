"""The plan of a sweep: every combination of some settings, with several seeds each."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.comparison.folds import FOLD
from cnntrain.config import Config, override
from cnntrain.config.overrides import plain
from cnntrain.config.source.writer import flow
from cnntrain.errors import UsageError
from cnntrain.text import argument, printable

MOST = 10_000  # trials of a sweep
LONGEST = 150  # characters of a name without its seed: file systems allow 255 bytes

# Settings of all trials: no result depends on the number of threads, no trial is stopped by the
# clock, and L_T is measured at the end as it is at w_0.
ALWAYS = {"compute.workers": 1, "max_minutes": "none", "evaluate_train": "full"}


@dataclass(frozen=True)
class Trial:
    """One training: its values by dotted key, and its seed."""

    settings: tuple[tuple[str, Any], ...]
    seed: int

    @property
    def name(self) -> str:
        """The name of its run directory, such as batch_size-32-seed-0."""
        words = "-".join(f"{_short(key)}-{flow(value)}" for key, value in self.settings)
        name = re.sub(r"-?[^A-Za-z0-9._+-]+", "-", words).strip("-.")
        if len(name) > LONGEST:
            name = f"{name[:LONGEST]}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"
        return f"{name}-seed-{self.seed}"


def _short(key: str) -> str:
    """The last word of a dotted key; "rate" for the rate of a schedule, "fold" for a fold."""
    if key == FOLD:
        return "fold"
    last = key.rpartition(".")[2]
    return "rate" if last in {"initial", "maximum"} else last


@dataclass(frozen=True)
class SweepPlan:
    """All trials of a sweep: `over` has the values to try by key, `fixed` those that all share."""

    over: dict[str, list[Any]]
    seeds: list[int]
    fixed: dict[str, Any]

    @property
    def trials(self) -> list[Trial]:
        """Every combination of values with every seed; the last key varies fastest."""
        combinations = itertools.product(*self.over.values())
        pairs = [tuple(zip(self.over, values, strict=True)) for values in combinations]
        return [Trial(settings, seed) for settings in pairs for seed in self.seeds]

    @property
    def folds(self) -> int:
        """How many folds of a cross-validation are tried, which belong together; 0: none are."""
        return len(self.over.get(FOLD, ()))

    @property
    def together(self) -> int:
        """How many trials share their settings, and differ in seed and fold alone."""
        return len(self.seeds) * max(self.folds, 1)

    def settings(self, trial: Trial) -> dict[str, Any]:
        """The values that a trial sets in the config, by key, in the order of application."""
        return {**dict(trial.settings), **self.fixed, "seed": trial.seed}

    def as_json(self) -> dict[str, Any]:
        """The content of plan.json."""
        return {"over": self.over, "seeds": self.seeds, "fixed": self.fixed}


def make_plan(
    config: Config, over: Mapping[str, Sequence[Any]], seeds: int, fixed: Mapping[str, Any]
) -> SweepPlan:
    """The plan for `seeds` seeds, the first that of `config`; `fixed` is added to `ALWAYS`.

    Raises UsageError where a value occurs twice, or there would be more than 10,000 trials.
    """
    if seeds < 1:
        raise UsageError(f"{seeds} seeds, expected 1 or more")
    if changed := [key for key, value in ALWAYS.items() if fixed.get(key, value) != value]:
        raise UsageError(f"{changed[0]} is {printable(flow(ALWAYS[changed[0]]))} in all trials")
    shared: dict[str, Any] = plain({**ALWAYS, **fixed})
    tried = _checked_values(over, shared)
    count = seeds * math.prod(len(values) for values in tried.values())
    if count > MOST:
        raise UsageError(f"{count:,} trials, expected at most {MOST:,}")
    plan = SweepPlan(tried, [config.seed + k for k in range(seeds)], shared)
    seen: set[str] = set()
    for name in (trial.name for trial in plan.trials):
        if name in seen:
            raise UsageError(f"two trials would be called {name} (make two sweeps of them)")
        seen.add(name)
    return plan


def _checked_values(
    over: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """The values to try, by key, as YAML would give them.  Raises UsageError."""
    if "seed" in over:
        raise UsageError(f"seed cannot be swept over ({argument('seeds')} how many are tried)")
    if not over:
        raise UsageError("nothing to sweep over, expected values of a key")
    tried: dict[str, list[Any]] = plain(over)
    for key, values in tried.items():
        name = printable(key)
        if not isinstance(values, list):
            raise UsageError(f"{name}: expected a list of values, found {printable(values)}")
        if not values:
            raise UsageError(f"no values for {name}")
        if key in fixed:
            value = printable(flow(fixed[key]))
            raise UsageError(f"{name} cannot be swept over: it is {value} in all trials")
        for place, value in enumerate(values):
            if any(_same(value, other) for other in values[:place]):
                raise UsageError(f"{name} has the value {printable(flow(value))} twice")
    return tried


def _same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: 0 and 0.0 do, 1 and true do not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def check_plan(config: Config, plan: SweepPlan) -> SweepPlan:
    """`plan`, with every combination and the last seed checked.  Raises ConfigError."""
    for trial in plan.trials[len(plan.seeds) - 1 :: len(plan.seeds)]:
        with_settings(config, plan.settings(trial))
    return plan


def plan_warnings(config: Config, plan: SweepPlan) -> tuple[str, ...]:
    """The warnings about the configs of the trials, or of the first hundred settings, each once."""
    trials = plan.trials[:: len(plan.seeds)][:100]
    found = [with_settings(config, plan.settings(trial)).warnings for trial in trials]
    return tuple(dict.fromkeys(itertools.chain.from_iterable(found)))


def with_settings(config: Config, settings: Mapping[str, Any]) -> Config:
    """`config` with other values at some keys, checked.  Raises ConfigError."""
    return override(config, settings)
