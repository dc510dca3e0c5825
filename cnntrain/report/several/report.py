"""The report of several runs: all sections on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnntrain.comparison.compare import Skipped
from cnntrain.report.page import Report, Section
from cnntrain.report.several.cohort import Cohort
from cnntrain.report.several.differences import differences
from cnntrain.report.several.sections import curves, lead, overview, results


def comparison(
    paths: Sequence[str | Path], split: str | None = None, skipped: Skipped | None = None
) -> Report:
    """The report of the runs at `paths`, those that differ in name, seed and fold alone together.

    split    the part of the data that networks are tested on: train, validation or test; None:
             validation, or where there is none test, or train
    skipped  told about each path that holds no run; without it, such a path is an error

    Raises NotFoundError where no run is left, CheckpointError where one is damaged, and with a
    `split` what `cnntrain.evaluate` raises.
    """
    cohort = Cohort.of(paths, skipped)
    made = (overview(cohort), curves(cohort), results(cohort), differences(cohort, split))
    return Report.of("Comparison", lead(cohort), there(made))


def there(sections: Sequence[Section | None]) -> list[Section]:
    """The sections that there are."""
    return [section for section in sections if section is not None]
