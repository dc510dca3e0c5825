"""Taking up a run again: what a run directory holds, and from where to go on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cnntrain.config import Config, load_config
from cnntrain.errors import CheckpointError, DivergedError, UsageError
from cnntrain.text import printable
from cnntrain.training import checkpoint
from cnntrain.training.changes import Changes
from cnntrain.training.progress import Progress
from cnntrain.training.rundir import RunDirectory

COMPLETE = {"finished", "early_stopped", "converged", "target_reached"}


@dataclass(frozen=True)
class Saved:
    """A checkpoint to go on from: its file's name, arrays and metadata."""

    name: str
    arrays: dict[str, NDArray[Any]]
    metadata: dict[str, Any]

    @property
    def step(self) -> int:
        """Steps taken."""
        return int(self.metadata["step"])

    @property
    def within_epoch(self) -> bool:
        """Whether it was written in the middle of an epoch."""
        return bool(self.metadata["trainer"]["at"]["batch"])


def changed_settings(
    directory: RunDirectory, config: Config, allow: bool, progress: Progress
) -> Changes:
    """How `config` differs from what the run in `directory` was made with.

    Raises UsageError where it cannot go on with that; `allow` forces what can be forced.
    """
    epochs = (read_summary(directory) or {}).get("epochs", 0)
    changes = Changes(load_config(directory.config), config, epochs, allow)
    if changes:
        progress.changes(changes.all)
    impossible = changes.impossible
    if impossible:
        listed = ", ".join(
            f"{change.key} {printable(change.was)} -> {printable(change.now)}"
            for change in impossible
        )
        fixed = any(change.verdict == "fixed" for change in impossible)
        force = "" if fixed else "force them with --allow-changes, or "
        raise UsageError(
            f"{printable(directory.path, 400)} was made with other settings: {listed} "
            f"({force}choose another directory with --run)"
        )
    return changes


def completed(
    directory: RunDirectory, changes: Changes, progress: Progress
) -> dict[str, Any] | None:
    """The summary of a run that is complete, None of one that can go on.

    Raises DivergedError again where the run has diverged: it would do so again.
    """
    summary = read_summary(directory)
    place = printable(directory.path, 400)
    if summary is None or changes.reopen(summary["status"]):
        return None
    if summary["status"] == "diverged":
        raise DivergedError(f"{place} has diverged: {printable(summary.get('stop_reason'), 400)}")
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


def newest_checkpoint(
    directory: RunDirectory, whole_epochs: bool, progress: Progress
) -> Saved | None:
    """The checkpoint with most steps that verifies; None where there are no checkpoints yet.

    whole_epochs   whether those in the middle of an epoch are left out

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
    usable = [saved for saved in found if not (whole_epochs and saved.within_epoch)]
    return max(usable, key=lambda saved: saved.step, default=None)
