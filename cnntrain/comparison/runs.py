"""What a run directory says, read quickly: hundreds of runs are compared in a second."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnntrain.config import differences
from cnntrain.config.yaml import read
from cnntrain.errors import CheckpointError
from cnntrain.text import printable
from cnntrain.training.resume import read_summary
from cnntrain.training.rundir import RunDirectory

UNSEEN = {"name", "seed"}  # settings in which the runs of one group may differ


@dataclass(frozen=True)
class RunRecord:
    """One run: its path as given, its settings as plain values, and its results.

    best_epoch and validation_* are those of the early-stopping point.
    """

    path: str
    settings: dict[str, Any]
    status: str
    epochs: int
    best_epoch: int | None
    validation_error: float | None
    validation_loss: float | None
    parameters: int
    seconds: float

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return int(self.settings.get("seed", 0))


def read_run(path: str) -> RunRecord | None:
    """The run at `path`; None where there is none, CheckpointError where it is damaged."""
    directory = RunDirectory(Path(path))
    if not directory.config.is_file():
        return None
    summary = read_summary(directory) or {"status": "running"}
    document = read(directory.config.read_bytes())
    if document.problems or not isinstance(document.value, dict):
        raise CheckpointError(f"{directory.config} is not a config as a run writes it")
    best = summary.get("early_stopping_point") or {}
    try:
        return RunRecord(
            path=path,
            settings=document.value,
            status=str(summary["status"]),
            epochs=int(summary.get("epochs", 0)),
            best_epoch=best.get("epoch"),
            validation_error=best.get("validation_error"),
            validation_loss=best.get("validation_loss"),
            parameters=int(summary.get("parameters", 0)),
            seconds=float(summary.get("seconds", 0)),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise CheckpointError(f"{directory.summary} is not a run's summary ({error})") from None


def varying_keys(runs: Sequence[RunRecord]) -> list[str]:
    """Dotted keys, but for the name, in which not all runs agree, in the order of a config; of a
    section that some have and others have not, the keys inside it."""
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
    """Runs that differ in nothing but name and seed, together, in the order of their first."""
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


def metrics(path: str) -> list[dict[str, str]]:
    """The rows of a run's metrics.csv; a last line that is being written is passed over.  Raises
    CheckpointError."""
    file = RunDirectory(Path(path)).metrics
    try:
        whole, end, _ = file.read_bytes().decode().rpartition("\n")
        rows = list(csv.DictReader((whole + end).splitlines(keepends=True), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise CheckpointError(f"cannot read {printable(file, 400)}: {printable(error)}") from None
    if any(None in row or None in row.values() for row in rows):
        raise CheckpointError(f"{file}: a row has another number of cells than the header")
    return rows
