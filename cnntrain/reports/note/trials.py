"""The runs of one of the note's experiments: DIRECTORY/GROUP/seed-N."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from cnntrain.files import read_text
from cnntrain.reports.several.group import Group
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.reader import Columns, Run


@dataclass(frozen=True, eq=False)
class Trials:
    """The runs in a directory, by the name of their group; runs of a group differ in seed."""

    directory: Path
    runs: dict[str, tuple[Run, ...]]

    @classmethod
    def of(cls, directory: Path) -> Trials:
        """The runs below `directory`, groups in the order of the numbers in their names."""
        found: dict[str, list[Run]] = {}
        for path in sorted(directory.rglob("seed-*"), key=lambda path: _order(str(path))):
            if RunDirectory(path).holds_run():
                name = str(path.parent.relative_to(directory))
                found.setdefault(name, []).append(Run(path))
        return cls(directory, {name: tuple(runs) for name, runs in found.items()})

    def matching(self, pattern: str) -> Trials:
        """Those groups whose whole name matches a regular expression."""
        kept = {name: runs for name, runs in self.runs.items() if re.fullmatch(pattern, name)}
        return replace(self, runs=kept)

    def best_of(self, column: str) -> Trials:
        """Of the groups GROUP/CHOICE the choice with the smallest mean at the last epoch, among
        those where no run diverged."""
        best: dict[str, tuple[float, str]] = {}
        for name, runs in self.runs.items():
            mean = sum(last(run, column) for run in runs) / len(runs)
            if math.isfinite(mean):
                first = name.partition("/")[0]
                best[first] = min(best.get(first, (mean, name)), (mean, name))
        return replace(self, runs={name: self.runs[name] for _, name in best.values()})

    @cached_property
    def groups(self) -> list[Group]:
        """The epochs of each, with the seconds until their ends in the column `elapsed`."""
        return [*self._groups(_epochs)]

    @cached_property
    def steps(self) -> list[Group]:
        """The steps of each, of runs that record them."""
        return [*self._groups(lambda run: run.steps)]

    def _groups(self, read: Callable[[Run], Columns]) -> Iterator[Group]:
        for color, (name, runs) in enumerate(self.runs.items()):
            tables = tuple(read(run) for run in runs)
            words = name.replace("/", ", ").replace("-", " ")
            yield Group(words, tables, (None,) * len(tables), color)

    def table(self, name: str) -> list[list[str]]:
        """The cells of a table in Markdown that is in the directory, with its header; [] where
        there is none."""
        path = self.directory / name
        if not path.is_file():
            return []
        lines = read_text(path).splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        return [row for row in rows if set("".join(row)) - {"-"}]


def last(run: Run, column: str) -> float:
    """A column of metrics.csv at the last epoch; infinite where the run diverged."""
    if run.summary.status == "diverged":
        return math.inf
    return float(run.metrics[column][-1])


def _epochs(run: Run) -> Columns:
    return {**run.metrics, "elapsed": np.cumsum(run.timings["seconds"])}


def _order(name: str) -> list[str | float]:
    parts = re.split(r"(\d+(?:\.\d+)?)", name)
    return [float(part) if number % 2 else part for number, part in enumerate(parts)]
