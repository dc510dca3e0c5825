"""Resuming a run: whether its settings and the way it ended allow it."""

from __future__ import annotations

from pathlib import Path

from cnntrain.config import Config, Overrides
from cnntrain.errors import DivergedError, UsageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.lock import locked
from cnntrain.runs.summary import EMPTY_SUMMARY, Summary
from cnntrain.text import argument, elsewhere, printable, shown_path
from cnntrain.training.progress import Progress
from cnntrain.training.resume.changes import Changes


def config_to_go_on_with(path: Path, overrides: Overrides) -> Config:
    """The settings of the run at `path`, read while no other process writes there.

    Raises NotFoundError, LockedError, ConfigError or CheckpointError.
    """
    directory = RunDirectory.find(path)
    with locked(path):
        return directory.load_config(overrides)


def changed_settings(
    directory: RunDirectory, old: Config, new: Config, allow: bool, progress: Progress
) -> Changes:
    """How the settings `new` differ from the `old` ones that a run was made with.

    Raises UsageError where it cannot go on with them; `allow` forces what can be forced.
    """
    epochs = (directory.read_summary() or EMPTY_SUMMARY).epochs
    changes = Changes(old, new, epochs, allow)
    if changes:
        progress.changes(changes.all)
    impossible = changes.impossible
    if impossible:
        listed = ", ".join(
            f"{change.key} {printable(change.was)} -> {printable(change.now)}"
            for change in impossible
        )
        fixed = any(change.verdict == "fixed" for change in impossible)
        force = "" if fixed else f"force them with {argument('allow_changes', True)}, or "
        raise UsageError(
            f"{shown_path(directory.path)} was made with other settings: {listed} "
            f"({force}{elsewhere()})"
        )
    return changes


def refuse_diverged(directory: RunDirectory, changes: Changes) -> None:
    """Raise DivergedError where the run has diverged: without changes it would do so again."""
    summary = directory.read_summary() or EMPTY_SUMMARY
    if summary.status == "diverged" and not changes.reopen("diverged"):
        reason = printable(summary.stop_reason, 400)
        raise DivergedError(f"{shown_path(directory.path)} has diverged: {reason}")


def completed(
    directory: RunDirectory, changes: Changes, epoch: int, progress: Progress
) -> Summary | None:
    """The summary of a run that is complete with the checkpoint of `epoch`; None for a run that
    can go on."""
    summary = directory.read_summary() or EMPTY_SUMMARY
    if not summary.complete or summary.epochs != epoch or changes.reopen(summary.status):
        return None
    place, reason = shown_path(directory.path), printable(summary.stop_reason, 200)
    progress.note(f"{place} is already complete: {reason}")
    return summary
