"""A sweep over any settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnntrain.config import Config
from cnntrain.config.source.yaml import parse_value
from cnntrain.errors import UsageError
from cnntrain.sweeps.baselines import Baselines
from cnntrain.sweeps.groups import groups, measured_by, ranking
from cnntrain.sweeps.plan import SweepPlan, check_plan, make_plan
from cnntrain.sweeps.results import Result
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


def grid_plan(config: Config, over: Mapping[str, Sequence[Any]], seeds: int) -> SweepPlan:
    """The plan for all combinations; each setting is checked.  Raises UsageError."""
    return check_plan(config, make_plan(config, over, seeds, {}))


def grid_report(plan: SweepPlan, results: Sequence[Result], ahead: Baselines) -> dict[str, Any]:
    """What sweep.json holds."""
    found = groups(plan, results)
    measure = measured_by(found)
    diverged = all(group.diverged for group in found)
    return {
        "over": plan.over,
        "measure": measure,
        "ranking": [group.as_json() for group in ranking(found, measure)],
        "problem": "every combination diverged (try smaller learning rates)" if diverged else None,
        "warnings": [],
    }
