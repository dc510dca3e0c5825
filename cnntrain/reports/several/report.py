"""The report of several runs: all sections on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnntrain.comparison.compare import Skipped
from cnntrain.reports.page import Report, Section
from cnntrain.reports.several.cohort import Cohort
from cnntrain.reports.several.conclusion import conclusion
from cnntrain.reports.several.differences import differences
from cnntrain.reports.several.sections import curves, lead, overview, results
from cnntrain.reports.several.sweep import SweptTrials
from cnntrain.text import all_of, pluralize


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


def sweep(path: str | Path) -> Report:
    """The report of the sweep at `path`: the measure over the settings, curves, and a table.

    Raises NotFoundError where there are no tables of a sweep, CheckpointError where its files are
    damaged.
    """
    swept = SweptTrials.of(path)
    made: list[Section | None] = [conclusion(swept)]
    if swept.cohort is not None:
        made += [curves(swept.cohort), results(swept.cohort)]
    seeds, keys = pluralize(len(swept.plan.seeds), "seed"), all_of(swept.keys)
    lead = f"{swept.directory.path}, {pluralize(len(swept.results), 'trial')} over {keys}, {seeds}"
    return Report.of(f"Sweep of {swept.config.name}", lead, there(made))


def there(sections: Sequence[Section | None]) -> list[Section]:
    """The sections that there are."""
    return [section for section in sections if section is not None]
