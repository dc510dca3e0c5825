"""One Markdown table for a directory of runs, DIRECTORY/GROUP/seed-N: mean and standard deviation.

Usage: python table.py DIRECTORY [--best COLUMN] COLUMN...

A COLUMN is one of metrics.csv at the last epoch; `first.COLUMN` at the first one; `best.COLUMN` at
the early-stopping point; `start.COLUMN` one of steps.csv at the first step, which starts from w_0;
`timings.COLUMN` the mean of timings.csv over the epochs; `ms_per_step`; `phase.epoch` the epoch
after which the second phase began; `test.best` and `test.last`, the zero-one errors in the run's
test.json.  With --best, groups are called GROUP/CHOICE, and of each GROUP the CHOICE with the
smallest mean of that column is shown.  A number that a run of a group does not have is "-".
"""

from __future__ import annotations

import csv
import json
import math
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as dictionaries."""
    with path.open() as file:
        return list(csv.DictReader(file))


def value(run: Path, column: str) -> float:
    """What `column` says of one run."""
    where, _, name = column.partition(".")
    if where == "test":
        return float(json.loads((run / "test.json").read_text())[name])
    if where == "phase":
        events = map(json.loads, (run / "events.jsonl").read_text().splitlines())
        return next((event[name] for event in events if event["event"] == "phase"), math.nan)
    if where == "start":
        return float(rows(run / "steps.csv")[0][name])
    metrics, timings = rows(run / "metrics.csv"), rows(run / "timings.csv")
    if where == "timings":
        return statistics.mean(float(row[name]) for row in timings)
    if column == "ms_per_step":
        seconds = sum(float(row["seconds"]) for row in timings)
        return 1000 * seconds / int(metrics[-1]["step"])
    if where == "first":
        return float(metrics[0][name])
    if where == "best":
        best = json.loads((run / "summary.json").read_text())["early_stopping_point"]["epoch"]
        return float(metrics[best - 1][name])
    return float(metrics[-1][column])


def groups(directory: Path) -> dict[str, list[Path]]:
    """Runs that differ only in seed, by the name of their group."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(directory.rglob("summary.json")):
        found[str(path.parent.parent.relative_to(directory))].append(path.parent)
    return found


def diverged(run: Path) -> bool:
    """Whether a run ended because its loss was no longer finite."""
    return bool(json.loads((run / "summary.json").read_text())["status"] == "diverged")


def cell(runs: list[Path], column: str) -> str:
    """Mean and standard deviation of a column over the runs that did not diverge."""
    numbers = [value(run, column) for run in runs if not diverged(run)]
    if not numbers or math.isnan(sum(numbers)):
        return "-"
    mean = statistics.mean(numbers)
    text = f"{mean:,.0f}" if mean >= 1000 else f"{mean:.4g}"
    return text if len(set(numbers)) < 2 else f"{text} ± {statistics.stdev(numbers):.2g}"


def chosen(found: dict[str, list[Path]], column: str) -> dict[str, list[Path]]:
    """Of GROUP/CHOICE the choice with the smallest mean, among those where no run diverged."""
    best: dict[str, tuple[float, str]] = {}
    for name, runs in found.items():
        if not any(diverged(run) for run in runs):
            group = name.split("/")[0]
            mean = statistics.mean(value(run, column) for run in runs)
            best[group] = min(best.get(group, (mean, name)), (mean, name))
    return {name: found[name] for _, name in best.values()}


def order(name: str) -> list[str | float]:
    """Names in the order of the numbers in them: rate-0.1 before rate-10."""
    parts = re.split(r"(\d+(?:\.\d+)?)", name)
    return [float(part) if number % 2 else part for number, part in enumerate(parts)]


def main(arguments: list[str]) -> None:
    """Print the table, and write it to DIRECTORY/table.md."""
    directory, *columns = arguments
    found = groups(Path(directory))
    if columns[:1] == ["--best"]:
        found = chosen(found, columns[1])
        columns = columns[2:]
    header = ["run", "n", "diverged", *columns]
    lines = [header, ["---"] * len(header)]
    for name in sorted(found, key=order):
        runs = found[name]
        count = [str(len(runs)), str(sum(map(diverged, runs)))]
        lines.append([name, *count, *(cell(runs, column) for column in columns)])
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    (Path(directory) / "table.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
