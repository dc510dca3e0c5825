"""A table of runs: one row a group of seeds, with means and standard deviations."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.compare.runs import RunRecord, grouped, setting, varying_keys
from cnntrain.models.evaluation import EvaluationReport

RESULTS = ("epochs", "best_epoch", "validation_error", "validation_loss", "parameters", "seconds")
TESTED = ("test_loss", "test_error", "test_error_low", "test_error_high")
CLASH = "config."  # before a setting that is called as another column is

Tests = Mapping[str, EvaluationReport]


@dataclass(frozen=True)
class Entry:
    """Runs that differ in nothing but the seed, and what they came to.

    settings        the values in which it differs from the other entries
    mean, deviation of each result over the runs that have it; the deviation, with n - 1, is None
                    for fewer than two
    """

    runs: Sequence[RunRecord]
    settings: dict[str, Any]
    mean: dict[str, float | None]
    deviation: dict[str, float | None]

    @property
    def name(self) -> str:
        """The path of the first run."""
        return self.runs[0].path

    @property
    def status(self) -> str:
        """That of all runs, or the different ones."""
        return ", ".join(dict.fromkeys(run.status for run in self.runs))

    def as_json(self) -> dict[str, Any]:
        """As `compare --json` prints it."""
        results = {
            name: {"mean": mean, "deviation": self.deviation[name]}
            for name, mean in self.mean.items()
        }
        return {
            "runs": [run.path for run in self.runs],
            "seeds": [run.seed for run in self.runs],
            "n": len(self.runs),
            "status": self.status,
            "settings": self.settings,
            **results,
        }


class Columns:
    """What can be said of `runs`, also where some of them are left out: the results, those on the
    test part too if it is `tested`, and the settings in which they differ."""

    def __init__(self, runs: Sequence[RunRecord], tested: bool) -> None:
        several = any(len(group) > 1 for group in grouped(runs))
        self.results = (*RESULTS, *TESTED) if tested else RESULTS
        self.settings = [key for key in varying_keys(runs) if key != "seed" or not several]

    @property
    def shown_settings(self) -> list[str]:
        """Names of the settings, none of them that of another column."""
        taken = {"run", "n", "status", *self.results}
        return [CLASH + key if key in taken else key for key in self.settings]

    @property
    def all(self) -> list[str]:
        """All that can be sorted and filtered by."""
        return [*dict.fromkeys(["run", "n", "status", "seed", *self.results, *self.shown_settings])]

    def of_groups(self, column: str) -> bool:
        """Whether a column is about groups of runs, not about each run."""
        return column == "n" or column in self.results


def summarize(runs: Sequence[RunRecord], columns: Columns, tests: Tests) -> list[Entry]:
    """The entries of a table of `runs`; `tests` are the reports of `evaluate` on the test part by
    path; a run without a checkpoint has none."""
    entries = []
    for group in grouped(runs):
        rows = [_results(run, tests.get(run.path)) for run in group]
        known = {
            name: [row[name] for row in rows if row[name] is not None] for name in columns.results
        }
        entries.append(
            Entry(
                runs=group,
                settings={key: setting(group[0], key) for key in columns.settings},
                mean={name: _mean(found) for name, found in known.items()},
                deviation={
                    name: statistics.stdev(v) if len(v) > 1 else None for name, v in known.items()
                },
            )
        )
    return entries


def _results(run: RunRecord, test: EvaluationReport | None) -> dict[str, Any]:
    """The results of one run, with the 95 % bounds of its test error; None for what it lacks."""
    tested: tuple[float | None, ...] = (None,) * len(TESTED)
    if test is not None:
        tested = (test.loss, test.zero_one_error, *(test.error_interval or (None, None)))
    return {name: getattr(run, name) for name in RESULTS} | dict(zip(TESTED, tested, strict=True))


def _mean(values: Sequence[float]) -> float | None:
    """The mean; a number that all have stays what it is, an integer too."""
    if not values:
        return None
    return values[0] if len(set(values)) == 1 else statistics.fmean(values)


def matches(found: Any, text: str) -> bool:
    """Whether a value is `text`, as text or as a number."""
    try:
        return str(found) == text or float(found) == float(text)
    except (TypeError, ValueError):
        return False


def value(entry: Entry, column: str) -> Any:
    """What an entry says in a column: that of its first run, but for `n` and means of results."""
    means = {"n": len(entry.runs), "status": entry.status, **entry.mean}
    return means[column] if column in means else value_of_run(entry.runs[0], column)


def value_of_run(run: RunRecord, column: str) -> Any:
    """What a run says in a column that is not about groups."""
    own = {"run": run.path, "status": run.status, "seed": run.seed}
    return own[column] if column in own else setting(run, column.removeprefix(CLASH))


def by(column: str) -> Callable[[Entry], tuple[int, float, str]]:
    """The key to sort entries by: numbers before text, nothing last."""

    def key(entry: Entry) -> tuple[int, float, str]:
        found = value(entry, column)
        if found is None:
            return 2, 0.0, ""
        number = isinstance(found, int | float)
        return (0, float(found), "") if number else (1, 0.0, str(found))

    return key
