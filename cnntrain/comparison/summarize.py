"""A table of runs: one row a group of seeds, with means and standard deviations."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnntrain.comparison.runs import RunRecord, grouped, setting, varying_keys

RESULTS = ("epochs", "best_epoch", "validation_error", "validation_loss", "parameters", "seconds")
TEST = "test_error"


@dataclass(frozen=True)
class Entry:
    """Runs that differ in nothing but the seed, and what they came to.

    settings        the values in which it differs from the other entries
    mean, deviation of each result over the runs that have it; the deviation, with n - 1, is None
                    for fewer than two
    interval        95 % interval of the test error, of a single run
    """

    runs: Sequence[RunRecord]
    settings: dict[str, Any]
    mean: dict[str, float | None]
    deviation: dict[str, float | None]
    interval: tuple[float, float] | None = None

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
            **({"interval": list(self.interval)} if self.interval else {}),
        }


def summarize(
    runs: Sequence[RunRecord], tests: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Entry]:
    """The entries of a table of `runs`; `tests` are the reports of `evaluate` by path."""
    groups = grouped(runs)
    several = any(len(group) > 1 for group in groups)
    keys = [key for key in varying_keys(runs) if key != "seed" or not several]
    entries = []
    for group in groups:
        values = {name: [getattr(run, name) for run in group] for name in RESULTS}
        interval = None
        if tests is not None:
            values[TEST] = [tests[run.path]["zero_one_error"] for run in group]
            if len(group) == 1 and tests[group[0].path]["error_interval"] is not None:
                interval = tuple(tests[group[0].path]["error_interval"])
        known = {name: [v for v in found if v is not None] for name, found in values.items()}
        entries.append(
            Entry(
                runs=group,
                settings={key: setting(group[0], key) for key in keys},
                mean={name: _mean(found) for name, found in known.items()},
                deviation={
                    name: statistics.stdev(v) if len(v) > 1 else None for name, v in known.items()
                },
                interval=interval,
            )
        )
    return entries


def _mean(values: Sequence[float]) -> float | None:
    """The mean; a number that all have stays what it is, an integer too."""
    if not values:
        return None
    return values[0] if len(set(values)) == 1 else statistics.fmean(values)


def matches(entry: Entry, column: str, text: str) -> bool:
    """Whether the entry has the value `text` in a column, as text or as a number."""
    found = value(entry, column)
    try:
        return str(found) == text or float(found) == float(text)
    except (TypeError, ValueError):
        return False


def value(entry: Entry, column: str) -> Any:
    """What an entry says in a column: a result's mean, `run`, `n`, `status` or a setting."""
    own = {"run": entry.name, "n": len(entry.runs), "status": entry.status}
    return {**own, **entry.settings, **entry.mean}.get(column)


def columns(entries: Sequence[Entry]) -> list[str]:
    """What the table can be sorted and filtered by."""
    return ["run", "n", "status", *entries[0].mean, *entries[0].settings]


def by(column: str) -> Any:
    """The key to sort entries by: numbers before text, nothing last."""

    def key(entry: Entry) -> tuple[int, float, str]:
        found = value(entry, column)
        if found is None:
            return 2, 0.0, ""
        number = isinstance(found, int | float)
        return (0, float(found), "") if number else (1, 0.0, str(found))

    return key
