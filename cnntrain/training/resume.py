"""What `--resume` finds in a run directory."""

from __future__ import annotations

import json
from typing import Any

from cnntrain.config import Config, differences, load_config, resolved
from cnntrain.errors import CheckpointError, UsageError
from cnntrain.text import printable
from cnntrain.training.progress import Progress
from cnntrain.training.rundir import RunDirectory

COMPLETE = {"finished", "early_stopped"}
FREE = {"name", "compute.workers"}  # settings that change no result


def completed(directory: RunDirectory, config: Config, progress: Progress) -> dict[str, Any]:
    """The summary of the complete run in `directory`, if `config` is what it was made with.

    Raises UsageError where settings differ, CheckpointError where the run is not complete.
    """
    place = printable(directory.path, 400)
    changed = [
        f"{key} {printable(old)} -> {printable(new)}"
        for key, old, new in differences(resolved(load_config(directory.config)), resolved(config))
        if key not in FREE
    ]
    if changed:
        raise UsageError(
            f"{place} was made with other settings: {', '.join(changed)} "
            "(choose another directory with --run)"
        )
    summary = read_summary(directory)
    if summary["status"] not in COMPLETE:
        raise CheckpointError(
            f"{place} holds an unfinished run ({printable(summary['status'])} after epoch "
            f"{summary['epochs']}); going on with one is not possible yet "
            "(choose another directory with --run)"
        )
    progress.note(f"{place} is already complete: {summary['stop_reason']}")
    return summary


def read_summary(directory: RunDirectory) -> dict[str, Any]:
    """summary.json, or CheckpointError where it is missing or no summary."""
    try:
        summary = json.loads(directory.summary.read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"cannot read {printable(directory.summary, 400)}: {printable(error)}"
        ) from None
    if not isinstance(summary, dict) or "status" not in summary:
        raise CheckpointError(f"{printable(directory.summary, 400)} is not a run's summary")
    return summary
