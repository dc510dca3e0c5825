"""Which learning rate to take, from the trials of a sweep: several rules side by side.

Section 4 of the note wants "as large a learning rate as possible": among rates between which the
seeds do not decide, the largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.sweeps.baselines import Baseline
from cnntrain.sweeps.groups import Group

Tried = Sequence[tuple[float, Group]]  # rates, rising, and their trials


@dataclass(frozen=True)
class Suggestion:
    """What the rules say; None where a rule finds nothing.

    lowest               the rate with the smallest mean
    one_standard_error   the largest rate whose mean is within one standard error of that
    edge_of_divergence   the smallest rate at which a trial diverged
    rule, rate           the rule to follow, and its rate
    warnings             what to think of first
    """

    lowest: float | None
    one_standard_error: float | None
    edge_of_divergence: float | None
    rule: str
    rate: float | None
    warnings: tuple[str, ...]


def suggest(found: Tried, measure: str) -> Suggestion:
    """The suggestion, among the rates at which every trial learned something."""
    edge = next((rate for rate, group in found if group.diverged), None)
    means = {
        rate: mean
        for rate, group in found
        if group.learned == len(group.results) and (mean := group.mean(measure)) is not None
    }
    if not means:
        return Suggestion(None, None, edge, "lowest", None, ())
    lowest = min(means, key=lambda rate: (means[rate], -rate))
    best = dict(found)[lowest]
    spread = best.deviation(measure)
    within = None
    if spread is not None:
        bound = means[lowest] + spread / math.sqrt(best.n)
        within = max(rate for rate, mean in means.items() if mean <= bound)
    rule = "lowest" if within is None else "one_standard_error"
    rate = lowest if within is None else within
    warnings = []
    if within is None:
        warnings.append(
            "one seed says nothing about chance: the rate with the lowest loss is taken"
        )
    if lowest == found[0][0]:
        warnings.append("the best rate is the smallest tried: try smaller ones (--from)")
    if rate == found[-1][0]:
        warnings.append("the suggested rate is the largest tried: try larger ones (--to)")
    return Suggestion(lowest, within, edge, rule, rate, tuple(warnings))


def advice(found: Tried, baseline: Baseline) -> str:
    """What to try where no rate is of use.

    Rates that are too large diverge, or leave a network whose answers are constant; those that are
    too small leave the loss where it started, or on its way down.
    """
    risks = {
        rate: float(f"{mean:.4g}")  # to what is more than rounding
        for rate, group in found
        if not group.diverged and (mean := group.mean("train_risk")) is not None
    }
    first, last = found[0][0], found[-1][0]
    lowest = min(risks, key=lambda rate: (risks[rate], -rate), default=None)
    if lowest is not None:
        begun = risks[lowest] < baseline.constant
        if _still(risks[lowest], baseline) or (begun and lowest == last):
            return f"try larger ones than {lowest:g}, or more --epochs"
        if begun:
            return f"try others about {lowest:g}, or more --epochs"
        if first in risks and _still(risks[first], baseline):
            return f"try others between {first:g} and {last:g}"
    return f"try smaller ones than {first:g}"


def _still(risk: float, baseline: Baseline) -> bool:
    """Whether a loss is nearer to where it started than to that of a constant answer."""
    return abs(risk - baseline.start) < abs(risk - baseline.constant)
