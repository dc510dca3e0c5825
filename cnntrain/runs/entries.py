"""What a run directory may hold: files and folders, those of known names of their kind; no links.

Through a link, a run in a directory from somebody else would write where its owner points it.
"""

from __future__ import annotations

import os
from collections.abc import Set
from pathlib import Path

from cnntrain.errors import CheckpointError
from cnntrain.files import NotAFile, check_regular
from cnntrain.storage import disk, durable
from cnntrain.text import shown_path

FILES = {
    "config.yaml",
    "run.json",
    "split.npz",
    "metrics.csv",
    "timings.csv",
    "steps.csv",
    "layers.csv",
    "events.jsonl",
    "summary.json",
    ".lock",
    ".lock.json",
    ".progress.json",
}
FOLDERS = {"checkpoints", "control", "tensorboard"}


def check_entries(
    run: Path, files: Set[str] = FILES, folders: Set[str] = FOLDERS, kind: str = "a run directory"
) -> None:
    """Raise CheckpointError where a link, or anything but a file or a folder, is in the run
    directory, among its checkpoints or among its requests; StorageError where none can tell.

    files, folders   what has to be one, by name; folders are looked into, too
    """
    for folder in (run, *(run / name for name in sorted(folders))):
        for entry in disk.entries(folder):
            top = folder == run
            problem = _problem(entry, top and entry.name in files, top and entry.name in folders)
            if problem is not None:
                raise CheckpointError(
                    f"{shown_path(folder / entry.name)} is {problem}; {kind} holds files and "
                    "folders alone (nothing was changed)"
                )


def left_by_a_start(run: Path) -> bool:
    """Whether there is nothing in `run` but what a start that was interrupted has left: the lock,
    and files and folders of a run."""
    names = {entry.name for entry in disk.entries(run)}
    others = {name for name in names - FILES - FOLDERS if not name.startswith(durable.TEMPORARY)}
    return not names or (".lock" in names and not others)


def _problem(entry: os.DirEntry[str], file: bool, folder: bool) -> str | None:
    """What an entry is, if it may not be that; `file` and `folder`: if it has to be one."""
    if entry.is_symlink():
        return "a symbolic link"
    if entry.is_dir(follow_symlinks=False):
        return "a directory" if file else None
    if folder and entry.is_file(follow_symlinks=False):
        return "a file"
    try:
        check_regular(Path(entry.path), entry.stat(follow_symlinks=False).st_mode)
    except FileNotFoundError:  # gone in the meantime
        return None
    except NotAFile as error:
        return error.kind
    return None
