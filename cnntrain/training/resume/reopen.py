"""Taking up a run again: what it was made with, and how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnntrain.config import Config, Overrides, load_config
from cnntrain.errors import CheckpointError, DivergedError, StorageError, UsageError
from cnntrain.runs import durable
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.lock import locked
from cnntrain.runs.summary import BEGUN, parse
from cnntrain.text import printable, shown_path
from cnntrain.training.progress import Progress
from cnntrain.training.resume.changes import Changes

COMPLETE = {"finished", "early_stopped", "converged", "target_reached"}


def config_of(directory: RunDirectory, overrides: Overrides | None = None) -> Config:
    """The settings that a run was made with.  Raises ConfigError, CheckpointError where the file
    is lost."""
    if not durable.exists(directory.config):
        raise CheckpointError(
            f"{shown_path(directory.path)} holds a run, but its config.yaml is missing "
            "(put back a copy, or choose another directory with --run)"
        )
    return load_config(directory.config, overrides)


def config_to_go_on_with(path: Path, overrides: Overrides) -> Config:
    """The settings of the run at `path`, read when no other process is at work there.

    Raises NotFoundError, LockedError, ConfigError or CheckpointError.
    """
    directory = RunDirectory.find(path)
    with locked(path):
        return config_of(directory, overrides)


def changed_settings(
    directory: RunDirectory, old: Config, new: Config, allow: bool, progress: Progress
) -> Changes:
    """How the settings `new` differ from the `old` ones that a run was made with.

    Raises UsageError where it cannot go on with that; `allow` forces what can be forced.
    """
    epochs = (read_summary(directory) or BEGUN)["epochs"]
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
        force = "" if fixed else "force them with --allow-changes, or "
        raise UsageError(
            f"{shown_path(directory.path)} was made with other settings: {listed} "
            f"({force}choose another directory with --run)"
        )
    return changes


def refuse_diverged(directory: RunDirectory, changes: Changes) -> None:
    """Raise DivergedError where the run has diverged: without changes it would do so again."""
    summary = read_summary(directory)
    if summary is not None and summary["status"] == "diverged" and not changes.reopen("diverged"):
        reason = printable(summary["stop_reason"], 400)
        raise DivergedError(f"{shown_path(directory.path)} has diverged: {reason}")


def completed(
    directory: RunDirectory, changes: Changes, epoch: int, progress: Progress
) -> dict[str, Any] | None:
    """The summary of a run that is complete with the checkpoint of `epoch`, None of one that can
    go on."""
    summary = read_summary(directory)
    if summary is None or summary["status"] not in COMPLETE or summary["epochs"] != epoch:
        return None
    if changes.reopen(summary["status"]):
        return None
    place, reason = shown_path(directory.path), printable(summary["stop_reason"], 200)
    progress.note(f"{place} is already complete: {reason}")
    return summary


def read_summary(directory: RunDirectory) -> dict[str, Any] | None:
    """summary.json, with all its keys; None where there is none yet, CheckpointError where it is
    no summary or cannot be read."""
    place = shown_path(directory.summary)
    try:
        content = durable.read(directory.summary)
        return None if content is None else parse(content)
    except StorageError as error:
        raise CheckpointError(str(error)) from None
    except ValueError as error:
        raise CheckpointError(f"{place} is not a run's summary ({printable(error)})") from None
