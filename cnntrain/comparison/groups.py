"""Runs that belong together: seeds and folds of the same settings, and repeats of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import escape
from os.path import commonprefix
from string import digits
from typing import Any

from cnntrain.comparison.folds import without_fold
from cnntrain.comparison.runs import RunRecord
from cnntrain.runs.summary import COMPLETE
from cnntrain.text import shown_path

SHOWN = 3  # repeats that a warning names


def grouped(runs: Iterable[RunRecord]) -> list[list[RunRecord]]:
    """The runs that differ only in name, seed and fold together, in the order of their first."""
    return _together(runs, lambda run: _text(without_fold(run.settings), {"name", "seed"}))


def samples(runs: Iterable[RunRecord]) -> tuple[list[RunRecord], list[str]]:
    """One run for each seed and fold of the same settings, and a warning for each that is repeated.

    The same settings and seed give the same run, so that repeats say nothing about chance.  Of
    several the first counts that came to its end, or else the one that came furthest.
    """
    kept, warnings = [], []
    for runs_of_seed in _together(runs, lambda run: _text(run.settings, {"name"})):
        chosen = max(runs_of_seed, key=lambda run: (run.status in COMPLETE, run.epochs))
        kept.append(chosen)
        if len(runs_of_seed) > 1:
            warnings.append(_warning(chosen, [run for run in runs_of_seed if run is not chosen]))
    return kept, warnings


def own_warnings(runs: Sequence[RunRecord]) -> list[str]:
    """What the runs themselves were warned of, each once, with the first run that was."""
    warned: dict[str, list[str]] = {}
    for run in runs:
        for message in run.warnings:
            warned.setdefault(message, []).append(shown_path(run.path))
    return [
        f"{first}{f' and {len(others)} more' if others else ''}: {message}"
        for message, (first, *others) in warned.items()
    ]


def label(paths: Sequence[str], others: Iterable[str]) -> str:
    """What stands for the runs of a group: what their paths share.

    Where that would say nothing, or take in one of the `others`, the first and how many more.

    >>> label(["runs/seed-1", "runs/seed-10"], ["runs/wide"])
    'runs/seed-*'
    >>> label(["runs/a", "runs/b"], ["runs/c"])
    'runs/a and 1 more'
    """
    if len(paths) == 1:
        return paths[0]
    start = commonprefix(paths).rstrip(digits)
    backwards = [path[len(start) :][::-1] for path in paths]
    end = commonprefix(backwards)[::-1].lstrip(digits)
    pattern = f"{escape(start)}*{escape(end)}"
    if start.rpartition("/")[2] + end and not any(fnmatchcase(path, pattern) for path in others):
        return f"{start}*{end}"
    return f"{paths[0]} and {len(paths) - 1} more"


def _together(runs: Iterable[RunRecord], key: Callable[[RunRecord], str]) -> list[list[RunRecord]]:
    found: dict[str, list[RunRecord]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    return [*found.values()]


def _text(settings: Mapping[str, Any], without: set[str]) -> str:
    return repr({key: value for key, value in settings.items() if key not in without})


def _warning(chosen: RunRecord, others: Sequence[RunRecord]) -> str:
    """That `others` do not count beside `chosen`."""
    named = ", ".join(shown_path(run.path) for run in others[:SHOWN])
    more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
    verb = "repeats" if len(others) == 1 else "repeat"
    ended = [run for run in others if run.status in COMPLETE]
    unlike = (
        ", with other results" if any(_results(run) != _results(chosen) for run in ended) else ""
    )
    name = shown_path(chosen.path)
    return f"{named}{more} {verb} {name}{unlike}: same settings and seed, so only {name} counts"


def _results(run: RunRecord) -> tuple[object, ...]:
    return run.epochs, run.best_epoch, run.validation_error, run.validation_loss
