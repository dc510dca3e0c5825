"""What a sweep tries: every combination of some settings, with several seeds each."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.config import Config, resolved
from cnntrain.config.assemble import assemble
from cnntrain.config.emit import flow
from cnntrain.config.marks import Marks, dotted
from cnntrain.config.overrides import apply, as_overrides
from cnntrain.errors import UsageError
from cnntrain.text import printable


@dataclass(frozen=True)
class Trial:
    """One training: values by dotted key, and the seed."""

    settings: tuple[tuple[str, Any], ...]
    seed: int

    @property
    def name(self) -> str:
        """A name for its run directory, such as batch_size-32-seed-0."""
        words = [f"{_short(key)}-{flow(value)}" for key, value in self.settings]
        return re.sub(r"[^A-Za-z0-9._]+", "-", "-".join([*words, f"seed-{self.seed}"])).strip("-.")


def _short(key: str) -> str:
    """The last word of a dotted key; rates are called so."""
    last = key.rpartition(".")[2]
    return "rate" if last in {"initial", "maximum"} else last


@dataclass(frozen=True)
class Plan:
    """All trials of a sweep: `over` has the values to try by key; `fixed` those of all trials."""

    over: dict[str, list[Any]]
    seeds: list[int]
    fixed: dict[str, Any]

    @property
    def trials(self) -> list[Trial]:
        """Every combination of values with every seed; the last key varies fastest."""
        combinations = itertools.product(*self.over.values())
        pairs = [tuple(zip(self.over, values, strict=True)) for values in combinations]
        return [Trial(settings, seed) for settings in pairs for seed in self.seeds]

    def as_json(self) -> dict[str, Any]:
        """As plan.json holds it."""
        return {"over": self.over, "seeds": self.seeds, "fixed": self.fixed}


def make_plan(
    config: Config, over: Mapping[str, Sequence[Any]], seeds: int, fixed: Mapping[str, Any]
) -> Plan:
    """The plan for `seeds` seeds from that of `config` on.

    Raises UsageError where a value occurs twice or trials would share a name, and what loading a
    config raises where a key or a value cannot be.
    """
    if seeds < 1:
        raise UsageError(f"{seeds} seeds, expected 1 or more")
    for key, values in over.items():
        if not values:
            raise UsageError(f"no values for {printable(key)}")
        if key in fixed or key == "seed":
            raise UsageError(f"{printable(key)} cannot be swept over: it has an option of its own")
    plan = Plan(
        {key: list(values) for key, values in over.items()},
        [config.seed + k for k in range(seeds)],
        dict(fixed),
    )
    names = [trial.name for trial in plan.trials]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"two trials would be called {twice[0]} (is a value there twice?)")
    return plan


def with_settings(config: Config, settings: Mapping[str, Any]) -> Config:
    """`config` with other values at some keys, checked.  Raises ConfigError."""
    values, marks = resolved(config), Marks()
    _, problems = apply(as_overrides(settings), values, marks)
    return assemble(values, marks, problems)


def rate_key(config: Config) -> str:
    """The key of the rate that a sweep over learning rates is about: the initial one, for
    one_cycle the largest, and of phases the first one's."""
    path, stage = next(iter(config.stages.items()))
    return dotted((*path, "learning_rate", stage.learning_rate.rate_key))


def spaced_rates(low: float, high: float, points: int) -> list[float]:
    """`points` rates from `low` to `high` with equal ratios, to three digits.  UsageError."""
    if not (0 < low < math.inf and 0 < high < math.inf):
        raise UsageError(f"rates from {low:g} to {high:g}, expected numbers > 0")
    if low >= high:
        raise UsageError(f"rates from {low:g} to {high:g}, expected the smaller one first")
    if points < 2:
        raise UsageError(f"{points} points, expected 2 or more (--rates takes single ones)")
    step = math.log(high / low) / (points - 1)
    return [float(f"{low * math.exp(k * step):.3g}") for k in range(points)]


def check_rates(rates: Sequence[float]) -> list[float]:
    """Rates that a user gave, in rising order.  Raises UsageError."""
    for rate in rates:
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < math.inf:
            raise UsageError(f"rate {printable(rate)}, expected a number > 0")
    return sorted(float(rate) for rate in rates)
