"""Runs side by side: their results, and the settings in which they differ."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnntrain.comparison.folds import FOLD, fold_of, without_fold
from cnntrain.comparison.groups import grouped, own_warnings, samples
from cnntrain.comparison.mcnemar import McNemar, mcnemar
from cnntrain.comparison.runs import RunRecord, read_run
from cnntrain.comparison.settings import varying_keys
from cnntrain.comparison.summarize import (
    PREFIX,
    RESULTS,
    TESTED,
    Entry,
    Tests,
    by,
    matches,
    metrics_of,
    summarize,
    value,
    value_of_run,
)
from cnntrain.errors import CnntrainError, NotFoundError, UsageError
from cnntrain.models.evaluation import evaluation
from cnntrain.models.load import load_model
from cnntrain.runs import foreign
from cnntrain.runs.directory import RunDirectory
from cnntrain.text import nearest, printable, shown_path

Skipped = Callable[[str], None]  # told about a run that is passed over, and why


@dataclass(frozen=True)
class Comparison:
    """The result of `compare`.

    results   the names of the results that each entry has
    settings  the keys of the config in which the runs differ
    entries   a row for the runs that differ only in name, seed and fold
    mcnemar   the test of two classifiers; None unless two runs were tested
    folded    whether some entry has several folds of a cross-validation
    warnings  what to keep in mind, a line each: runs that do not count, as they repeat others, and
              what the runs themselves were warned of
    """

    results: tuple[str, ...]
    settings: tuple[str, ...]
    entries: tuple[Entry, ...]
    mcnemar: McNemar | None
    folded: bool
    warnings: tuple[str, ...]


def compare(
    runs: Iterable[str | Path],
    *,
    sort: str | None = None,
    where: Mapping[str, Any] | None = None,
    test: bool = False,
    skipped: Skipped | None = None,
) -> Comparison:
    """Compare runs; those that differ only in name, seed and fold make one entry.

    Of runs with the same settings and the same seed one counts: the others are no further samples.

    runs     paths of run directories
    sort     a column to sort the entries by: run, n, status, seed, a result or a setting
    where    values of columns, which choose runs by status, seed or a setting, and entries by n
             or the mean of a result
    test     whether to evaluate the runs on the test part, too; for two classifiers the exact
             test of McNemar then says whether their errors differ by more than chance
    skipped  told about each path that is passed over since it holds no run, or no checkpoint to
             test; without it, such a path is an error

    Raises NotFoundError where no run is left, UsageError for an unknown column, and
    CheckpointError for a damaged run.

    >>> table = cnntrain.compare(["runs/digits", "runs/wide"], sort="validation_error")
    >>> table.settings
    ('layers.conv1.filters',)
    >>> [(entry.runs[0], entry.settings["layers.conv1.filters"]) for entry in table.entries]
    [('runs/wide', 8), ('runs/digits', 4)]
    >>> 0 < table.entries[0].validation_error.mean < 0.2
    True
    """
    return compare_runs(read_runs(runs, skipped), sort, where or {}, test, skipped)


def read_runs(paths: Iterable[str | Path], skipped: Skipped | None = None) -> list[RunRecord]:
    """Read the runs at `paths`, each once; `skipped` as in `compare`."""
    found: dict[Path, RunRecord] = {}
    for path in map(str, paths):
        place, name = Path(os.path.realpath(path)), shown_path(path)
        if place in found:
            _skip(UsageError(f"{name} is given twice"), "passed over", skipped)
        elif (record := read_run(path)) is not None:
            found[place] = record
        elif RunDirectory(place).holds_sweep():
            hint = f"its runs are in {name}/trials"
            _skip(NotFoundError(f"{name} holds a sweep ({hint})"), "passed over", skipped)
        else:
            problem = foreign.told(Path(path)) or f"no run in {name}"
            _skip(NotFoundError(problem), "passed over", skipped)
    if not found:
        raise NotFoundError("none of these is a run directory")
    return [*found.values()]


def _skip(error: CnntrainError, consequence: str, skipped: Skipped | None) -> None:
    if skipped is None:
        raise error
    skipped(f"{error}: {consequence}")


def compare_runs(
    runs: Sequence[RunRecord],
    sort: str | None,
    where: Mapping[str, Any],
    test: bool,
    skipped: Skipped | None = None,
) -> Comparison:
    """`compare` for runs that have been read."""
    together = grouped(runs)
    several = any(len({run.seed for run in group}) > 1 for group in together)
    folded = any(len({fold_of(run.settings) for run in group}) > 1 for group in together)
    compared = [without_fold(run.settings) if folded else run.settings for run in runs]
    settings = [key for key in varying_keys(compared) if key != "seed" or not several]
    results = (*RESULTS, *metrics_of(runs), *(TESTED if test else ()))
    columns = [*dict.fromkeys(["run", "n", "status", "seed", *results, *named(settings, results)])]
    for column in where:
        _check_column(column, [*columns, FOLD] if folded else columns)
    if sort is not None:
        _check_column(sort, columns)
    of_entries = {column: v for column, v in where.items() if column == "n" or column in results}
    of_runs = {column: v for column, v in where.items() if column not in of_entries}
    kept, warnings = samples(
        run for run in runs if all(matches(value_of_run(run, c), v) for c, v in of_runs.items())
    )
    tests, verdict = _evaluate(kept, skipped) if test else (None, None)
    entries = [
        entry
        for entry in summarize(kept, settings, tests)
        if all(matches(value(entry, c), v) for c, v in of_entries.items())
    ]
    if sort is not None:
        entries.sort(key=by(sort))
    return Comparison(
        results=results,
        settings=tuple(settings),
        entries=tuple(entries),
        mcnemar=verdict,
        folded=folded,
        warnings=(*warnings, *own_warnings(kept)),
    )


def named(settings: Iterable[str], results: Sequence[str]) -> list[str]:
    """The columns of settings, with a prefix where the name is that of another column."""
    taken = {"run", "n", "status", *results}
    return [PREFIX + key if key in taken else key for key in settings]


def _check_column(name: str, columns: Sequence[str]) -> None:
    """Raise UsageError unless there is such a column to sort or choose by."""
    if name not in columns:
        near = nearest(name, columns)
        hint = f" (did you mean {near}?)" if near else f", expected one of {', '.join(columns)}"
        raise UsageError(f"no column {printable(name)}{hint}")


def _evaluate(runs: Sequence[RunRecord], skipped: Skipped | None) -> tuple[Tests, McNemar | None]:
    """The reports on the test part by path, and the test of McNemar for two classifiers."""
    evaluated = {}
    for run in runs:
        try:
            evaluated[run.path] = evaluation(load_model(run.path))
        except NotFoundError as error:
            _skip(error, "not tested", skipped)
    classifiers = [one for one in evaluated.values() if one.class_names is not None]
    verdict = mcnemar(*classifiers) if len(runs) == len(classifiers) == 2 else None
    return {path: one.report for path, one in evaluated.items()}, verdict
