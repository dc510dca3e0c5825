"""What the report of several runs is made from: their comparison, and the groups to draw."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

from cnntrain.comparison.compare import Comparison, Skipped, compare_runs, read_runs
from cnntrain.comparison.folds import fold_of
from cnntrain.comparison.runs import RunRecord
from cnntrain.comparison.setting_text import setting_text
from cnntrain.comparison.settings import setting
from cnntrain.comparison.summarize import Entry
from cnntrain.metrics import cost, criterion
from cnntrain.reports.several.group import Group
from cnntrain.runs.reader import Run

MOST = 8  # groups with a color
LONGEST = 40  # characters of settings that name a group


@dataclass(frozen=True, eq=False)
class Cohort:
    """Runs that are compared.

    records  each that counts, by its path
    measure  what decides which are the best; without a validation part the training loss
    ranked   the entries of the comparison, that with the best mean of the measure first
    names    of the entries, by their labels
    """

    comparison: Comparison
    records: dict[str, RunRecord]
    measure: str
    ranked: tuple[Entry, ...]
    names: dict[str, str]

    @classmethod
    def of(cls, paths: Iterable[str | Path], skipped: Skipped | None = None) -> Cohort:
        """The runs at `paths`, as `compare` reads them."""
        runs = read_runs(paths, skipped)
        comparison = compare_runs(runs, None, {}, False)
        records = {run.path: run for run in runs}
        measure = _measure(runs)

        def place(entry: Entry) -> float:
            values = [value(records[path], measure) for path in entry.runs]
            mean = sum(values) / len(values)
            return cost(measure, mean) if math.isfinite(mean) else math.inf

        ranked = tuple(sorted(comparison.entries, key=place))
        return cls(comparison, records, measure, ranked, _names(comparison))

    @property
    def shown(self) -> tuple[Entry, ...]:
        """The entries that are drawn, in the order of the comparison: the best eight."""
        best = self.ranked[:MOST]
        return tuple(entry for entry in self.comparison.entries if entry in best)

    def groups(self) -> list[Group]:
        """The curves of those."""
        return [
            Group(
                self.names[entry.label],
                tuple(Run(path).metrics for path in entry.runs),
                tuple(fold_of(self.records[path].settings) for path in entry.runs),
                color,
                tuple(self._best_row(path) for path in entry.runs),
            )
            for color, entry in enumerate(self.shown)
        ]

    def _best_row(self, path: str) -> int | None:
        best = self.records[path].best_epoch
        return None if best is None else best - 1

    def best_run(self, entry: Entry) -> str:
        """The path of the run of an entry whose measure is best."""

        def place(path: str) -> float:
            found = value(self.records[path], self.measure)
            return cost(self.measure, found) if math.isfinite(found) else math.inf

        return min(entry.runs, key=place)


def value(run: RunRecord, measure: str) -> float:
    """A measure of a run at its early-stopping point; NaN before the first epoch."""
    known = {"validation_loss": run.validation_loss, "validation_error": run.validation_error}
    found = known.get(measure, run.metrics.get(measure))
    if found is not None:
        return found
    if run.best_epoch is None or measure not in (columns := Run(run.path).metrics):
        return math.nan
    return float(columns[measure][run.best_epoch - 1])


def _measure(runs: Sequence[RunRecord]) -> str:
    def known(measure: str) -> bool:
        return any(math.isfinite(value(run, measure)) for run in runs)

    monitors = (setting(run.settings, "early_stopping.monitor") for run in runs)
    return criterion(monitors, known, "train_loss")


def _names(comparison: Comparison) -> dict[str, str]:
    """The settings in which entries differ, where these are few words and tell all of them apart;
    otherwise what stands for their paths, without the folders that all are in."""
    entries = comparison.entries
    words = {
        entry.label: ", ".join(
            f"{short(key)} {setting_text(key, value)}" for key, value in entry.settings.items()
        )
        for entry in entries
    }
    found = set(words.values())
    if comparison.settings and len(found) == len(entries) and max(map(len, found)) <= LONGEST:
        return words
    labels = [entry.label for entry in entries]
    shared = len(commonprefix(labels).rpartition("/")[0]) + 1 if len(labels) > 1 else 0
    return {label: label[shared:] if "/" in label[:shared] else label for label in labels}


def short(key: str) -> str:
    """The last word of a dotted key, and "rate" for that of a schedule.

    >>> short("layers.conv1.filters"), short("learning_rate.initial")
    ('filters', 'rate')
    """
    last = key.rpartition(".")[2]
    return "rate" if last in {"initial", "maximum"} else last
