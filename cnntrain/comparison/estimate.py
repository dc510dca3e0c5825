"""A result over several runs: its mean and its standard deviation."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """Mean of a result, and standard deviation (with n - 1), over the runs that have it.

    The mean is None without such a run, the deviation with fewer than two.
    """

    mean: float | None
    deviation: float | None

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Estimate:
        """The estimate from the values that are not None.

        >>> Estimate.of([1.0, None, 3.0])
        Estimate(mean=2.0, deviation=1.4142135623730951)
        """
        found = [value for value in values if value is not None]
        if not found:
            return cls(None, None)
        # A value that all share stays exactly what it is, an integer included.
        mean = found[0] if len(set(found)) == 1 else statistics.fmean(found)
        return cls(mean, statistics.stdev(found) if len(found) > 1 else None)
