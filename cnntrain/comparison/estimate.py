"""A result over several runs: its mean and its standard deviation."""

from __future__ import annotations

import statistics
from collections.abc import Hashable, Iterable
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

    @classmethod
    def over(cls, values: Iterable[tuple[Hashable, float | None]]) -> Estimate:
        """The estimate from values with the fold that each is from: over the folds, of the means
        of their runs, or over the runs where all are of one fold, or of none.

        The deviation is how much folds differ, which says little of how far the mean is from the
        truth: folds share most of their training samples, and no estimate of the variance of the
        mean is without bias (Bengio and Grandvalet, "No unbiased estimator of the variance of
        k-fold cross-validation", JMLR 5, 2004).

        >>> Estimate.over([(0, 1.0), (0, 3.0), (1, 4.0)])
        Estimate(mean=3.0, deviation=1.4142135623730951)
        """
        by_fold: dict[Hashable, list[float | None]] = {}
        for fold, value in values:
            by_fold.setdefault(fold, []).append(value)
        if len(by_fold) == 1:
            (all_values,) = by_fold.values()
            return cls.of(all_values)
        return cls.of(cls.of(of_fold).mean for of_fold in by_fold.values())
