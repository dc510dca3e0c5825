"""Run directories, read quickly: hundreds of runs are compared in a second."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cnntrain.config.source.yaml import read
from cnntrain.errors import CheckpointError, NotFoundError, StorageError
from cnntrain.runs.reader import Run
from cnntrain.runs.tables import Table, read_table
from cnntrain.storage import disk
from cnntrain.text import shown_path

KEY = re.compile(rb"\n(?=[A-Za-z])")  # the end of a line before one that begins with a key


@dataclass(frozen=True)
class RunRecord:
    """One run: its path as given, its settings as plain values, and its results.

    best_epoch, validation_* and metrics are those of the early-stopping point.
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
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)


def read_run(path: str) -> RunRecord | None:
    """The run at `path`; None where there is none, CheckpointError where it is damaged."""
    try:
        run = Run(path)
    except NotFoundError:
        return None
    place = shown_path(run.directory.config)
    try:
        content = disk.read(run.directory.config)
        if content is None:
            return None
        settings = _settings(content)
        seed = int(settings["seed"])
    except StorageError as error:
        raise CheckpointError(str(error)) from None
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{place} is not a config as a run writes it") from None
    summary = run.summary
    best = summary.early_stopping_point
    return RunRecord(
        path=path,
        settings=settings,
        seed=seed,
        status=summary.status,
        epochs=summary.epochs,
        best_epoch=best.epoch if best else None,
        validation_error=best.validation_error if best else None,
        validation_loss=best.validation_loss if best else None,
        parameters=summary.parameters,
        seconds=summary.seconds,
        warnings=tuple(summary.warnings),
        metrics=best.metrics if best else {},
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


def curves(runs: Sequence[RunRecord]) -> list[list[str]]:
    """All epochs of all runs, with a header: run, seed, and the columns of metrics.csv.

    A column that a run does not have is empty.  Raises CheckpointError.
    """
    tables = [(run, metrics(run.path)) for run in runs]
    columns = list(dict.fromkeys(name for _, table in tables for name in table.columns))
    lines = [["run", "seed", *columns]]
    for run, table in tables:
        for row in table.rows:
            lines.append([run.path, str(run.seed), *(row.get(name, "") for name in columns)])
    return lines


def metrics(path: str) -> Table:
    """A run's metrics.csv, as text.  Raises CheckpointError."""
    try:
        return read_table(Run(path).directory.metrics)
    except NotFoundError as error:  # there was a run a moment ago: part of it is lost
        raise CheckpointError(str(error)) from None
