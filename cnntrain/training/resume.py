"""Taking up a run again: what a run directory holds, and from where to go on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cnntrain.config import Config, differences, load_config, resolved
from cnntrain.errors import CheckpointError, DivergedError, UsageError
from cnntrain.text import printable
from cnntrain.training import checkpoint
from cnntrain.training.progress import Progress
from cnntrain.training.rundir import RunDirectory

COMPLETE = {"finished", "early_stopped", "converged", "target_reached"}
FREE = {"name", "compute.workers", "max_minutes"}  # settings that change no result


@dataclass(frozen=True)
class Saved:
    """A checkpoint to go on from: its file's name, arrays and metadata."""

    name: str
    arrays: dict[str, NDArray[Any]]
    metadata: dict[str, Any]


def check_settings(directory: RunDirectory, config: Config) -> None:
    """Raise UsageError where `config` is not what the run in `directory` was made with."""
    old, new = resolved(load_config(directory.config)), resolved(config)
    changed = [
        f"{key} {printable(before)} -> {printable(after)}"
        for key, before, after in differences(old, new)
        if key not in FREE
    ]
    if changed:
        raise UsageError(
            f"{printable(directory.path, 400)} was made with other settings: {', '.join(changed)} "
            "(choose another directory with --run)"
        )


def completed(directory: RunDirectory, progress: Progress) -> dict[str, Any] | None:
    """The summary of a run that is complete, None of one that can go on.

    Raises DivergedError again where the run has diverged: it would do so again.
    """
    summary = read_summary(directory)
    place = printable(directory.path, 400)
    if summary is None:
        return None
    if summary["status"] == "diverged":
        raise DivergedError(f"{place} has {printable(summary.get('stop_reason'), 400)}")
    if summary["status"] not in COMPLETE:
        return None
    progress.note(f"{place} is already complete: {printable(summary.get('stop_reason'), 200)}")
    return summary


def read_summary(directory: RunDirectory) -> dict[str, Any] | None:
    """summary.json; None where there is none yet, CheckpointError where it is no summary."""
    place = printable(directory.summary, 400)
    try:
        summary = json.loads(directory.summary.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {place}: {printable(error)}") from None
    if not isinstance(summary, dict) or "status" not in summary:
        raise CheckpointError(f"{place} is not a run's summary")
    return summary


def newest_checkpoint(directory: RunDirectory, progress: Progress) -> Saved | None:
    """The checkpoint with most steps that verifies; None where there are no checkpoints yet.

    Says which ones do not verify.  Raises CheckpointError where none does.
    """
    found: list[Saved] = []
    damaged: list[str] = []
    for path in directory.saved_checkpoints():
        try:
            found.append(Saved(path.name, *checkpoint.read(path)))
        except CheckpointError as error:
            damaged.append(str(error))
    for message in damaged:
        progress.note(f"warning: {message}")
    if damaged and not found:
        raise CheckpointError(
            f"no checkpoint in {printable(directory.checkpoints, 400)} verifies: {damaged[0]}"
        )
    return max(found, key=lambda saved: saved.metadata["step"], default=None)
