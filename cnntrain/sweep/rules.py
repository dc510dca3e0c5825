"""Which learning rate to take, from the trials of a sweep: several rules side by side.

Section 4 of the note wants "as large a learning rate as possible": among rates between which the
seeds do not decide, the largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.sweep.results import Group


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


def suggest(found: Sequence[tuple[float, Group]], measure: str) -> Suggestion:
    """The suggestion from rates, rising, and their trials."""
    edge = next((rate for rate, group in found if group.diverged), None)
    means = {
        rate: mean
        for rate, group in found
        if group.sound and (mean := group.mean(measure)) is not None
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
    warnings = []
    if within is None:
        warnings.append(
            "one seed says nothing about chance: the rate with the lowest loss is taken"
        )
    if lowest == found[0][0]:
        warnings.append("the best rate is the smallest tried: try smaller ones (--from)")
    if lowest == found[-1][0]:
        warnings.append("the best rate is the largest tried: try larger ones (--to)")
    rule = "lowest" if within is None else "one_standard_error"
    rate = lowest if within is None else within
    return Suggestion(lowest, within, edge, rule, rate, tuple(warnings))
