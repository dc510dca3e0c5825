"""Run directories, read quickly: hundreds of runs are compared in a second."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnntrain.config import differences
from cnntrain.config.source.yaml import read
from cnntrain.errors import CheckpointError, NotFoundError, StorageError
from cnntrain.runs import durable
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.summary import BEGUN
from cnntrain.text import printable, shown_path
from cnntrain.training.resume.reopen import read_summary

KEY = re.compile(rb"\n(?=[A-Za-z])")  # the end of a line before one that begins with a key
UNSEEN = {"name", "seed"}  # settings in which the runs of one group may differ


@dataclass(frozen=True)
class RunRecord:
    """One run: its path as given, its settings as plain values, and its results.

    best_epoch and validation_* are those of the early-stopping point.
    """

    path: str
    settings: dict[str, Any]
    seed: int
    status: str
    epochs: int
    best_epoch: int | None
    validation_error: float | None
    validation_loss: float | None
    parameters: int
    seconds: float


def read_run(path: str) -> RunRecord | None:
    """The run at `path`; None where there is none, CheckpointError where it is damaged."""
    try:
        directory = RunDirectory.find(Path(path))
    except NotFoundError:
        return None
    place = shown_path(directory.config)
    try:
        content = durable.read(directory.config)
        if content is None:
            return None
        settings = _settings(content)
        seed = int(settings["seed"])
    except StorageError as error:
        raise CheckpointError(str(error)) from None
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{place} is not a config as a run writes it") from None
    summary = read_summary(directory) or BEGUN
    best = summary["early_stopping_point"] or {}
    return RunRecord(
        path=path,
        settings=settings,
        seed=seed,
        status=summary["status"],
        epochs=summary["epochs"],
        best_epoch=best.get("epoch"),
        validation_error=best.get("validation_error"),
        validation_loss=best.get("validation_loss"),
        parameters=summary["parameters"],
        seconds=summary["seconds"],
    )


def _settings(text: bytes) -> dict[str, Any]:
    """The settings in a config as a run writes it.  Raises ValueError."""
    settings: dict[str, Any] = {}
    for section in KEY.split(text):
        settings |= _section(section)
    return settings


@lru_cache(maxsize=4096)
def _section(text: bytes) -> dict[str, Any]:
    """The key that begins with the line, and its value: hundreds of runs share most of them, and
    reading YAML is slow."""
    document = read(text)
    if document.problems or not isinstance(document.value, dict):
        raise ValueError("not a mapping")
    return document.value


def varying_keys(runs: Sequence[RunRecord]) -> list[str]:
    """Dotted keys, except the name, in which not all runs agree, in the order of a config; for a
    section that only some have, the keys inside it."""
    found: dict[str, None] = {}
    for run in runs[1:]:
        for key, *_ in differences(runs[0].settings, run.settings):
            if key != "name":
                found[key] = None
    return [key for key in found if not any(other.startswith(f"{key}.") for other in found)]


def setting(run: RunRecord, key: str) -> Any:
    """The value at a dotted key; None where there is none."""
    value: Any = run.settings
    for part in key.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return None
    return value


def grouped(runs: Sequence[RunRecord]) -> list[list[RunRecord]]:
    """The runs that differ only in name and seed together, in the order of their first."""
    groups: dict[str, list[RunRecord]] = {}
    for run in runs:
        settings = {key: value for key, value in run.settings.items() if key not in UNSEEN}
        groups.setdefault(repr(settings), []).append(run)
    return list(groups.values())


def curves(runs: Sequence[RunRecord]) -> list[list[str]]:
    """All epochs of all runs, with a header: run, seed, and the columns of metrics.csv.

    A column that a run does not have is empty.  Raises CheckpointError.
    """
    tables = [(run, metrics(run.path)) for run in runs]
    columns = list(dict.fromkeys(name for _, rows in tables for name in (rows[0] if rows else {})))
    lines = [["run", "seed", *columns]]
    for run, rows in tables:
        lines += [[run.path, str(run.seed), *(row.get(c) or "" for c in columns)] for row in rows]
    return lines


def metrics(path: str | Path) -> list[dict[str, str]]:
    """The rows of a run's metrics.csv; a last line that is being written is passed over.  Raises
    CheckpointError."""
    file = RunDirectory(Path(path)).metrics
    try:
        whole, end, _ = file.read_bytes().decode().rpartition("\n")
        rows = list(csv.DictReader((whole + end).splitlines(keepends=True), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise CheckpointError(f"cannot read {shown_path(file)}: {printable(error)}") from None
    if any(None in row or None in row.values() for row in rows):
        place = shown_path(file)
        raise CheckpointError(f"{place}: a row has another number of cells than the header")
    return rows
