"""Which learning rate to take, given the trials of a sweep: several rules side by side.

Section 4 of the note asks for "as large a learning rate as possible": of the rates whose
difference may be due to the seeds, the rule that is followed takes the largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.metrics import cost
from cnntrain.sweeps.baselines import Baseline
from cnntrain.sweeps.groups import Group

Tried = Sequence[tuple[float, Group]]  # rates in rising order, and their trials


@dataclass(frozen=True)
class Rules:
    """The rate that each rule finds, None where it finds none.

    lowest               the rate with the lowest mean, or the highest of a measure such as macro F1
    one_standard_error   the largest rate whose mean is within one standard error of that
    edge_of_divergence   the smallest rate at which a trial diverged
    """

    lowest: float | None
    one_standard_error: float | None
    edge_of_divergence: float | None

    @property
    def followed(self) -> str:
        """The rule to follow: with a single seed there is no standard error."""
        return "lowest" if self.one_standard_error is None else "one_standard_error"

    @property
    def suggested(self) -> float | None:
        """The rate that this rule finds; None where no rate is usable."""
        return self.lowest if self.one_standard_error is None else self.one_standard_error


def apply_rules(found: Tried, measure: str, trials: int) -> Rules:
    """Apply the rules to the rates at which all of `trials` trials learned something."""
    edge = next((rate for rate, group in found if group.diverged), None)
    means = {
        rate: cost(measure, mean)
        for rate, group in found
        if group.learned == trials and (mean := group.mean(measure)) is not None
    }
    if not means:
        return Rules(None, None, edge)
    lowest = min(means, key=lambda rate: (means[rate], -rate))
    deviation = dict(found)[lowest].estimate(measure).deviation
    if deviation is None:
        return Rules(lowest, None, edge)
    bound = means[lowest] + deviation / math.sqrt(trials)
    return Rules(lowest, max(rate for rate, mean in means.items() if mean <= bound), edge)


def edge_warnings(rules: Rules, rates: Sequence[float]) -> list[str]:
    """What limits the suggestion among `rates`, in rising order."""
    if rules.suggested is None:
        return []
    warnings = []
    if rules.one_standard_error is None:
        warnings.append("one seed says nothing about chance: the best rate is taken")
    if rules.lowest == rates[0]:
        warnings.append("the best rate is the smallest tried: try smaller ones")
    if rules.suggested == rates[-1]:
        warnings.append("the suggested rate is the largest tried: try larger ones")
    return warnings


def advice(found: Tried, baseline: Baseline) -> str:
    """What to try where no rate is usable.

    Rates that are too large diverge, or leave a network whose answers are constant; rates that are
    too small leave the loss near its start, or still on its way down.
    """
    risks = {
        rate: float(f"{mean:.4g}")  # smaller differences are rounding
        for rate, group in found
        if not group.diverged and (mean := group.mean("final_risk")) is not None
    }
    first, last = found[0][0], found[-1][0]
    lowest = min(risks, key=lambda rate: (risks[rate], -rate), default=None)
    if lowest is not None:
        falling = risks[lowest] < baseline.constant
        if _near_start(risks[lowest], baseline) or (falling and lowest == last):
            return f"try larger ones than {lowest:g}, or more epochs"
        if falling:
            return f"try others about {lowest:g}, or more epochs"
        if first in risks and _near_start(risks[first], baseline):
            return f"try others between {first:g} and {last:g}"
    return f"try smaller ones than {first:g}"


def _near_start(risk: float, baseline: Baseline) -> bool:
    """Whether a loss is nearer to that at w_0 than to that of a constant answer."""
    return abs(risk - baseline.start) < abs(risk - baseline.constant)
