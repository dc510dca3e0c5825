"""Taking a directory for a run: nothing in it is touched before it is known to be free or a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from cnntrain.errors import RunExistsError, StorageError, UsageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.entries import check_entries, left_by_a_start
from cnntrain.runs.lock import locked
from cnntrain.storage import disk, durable, lines
from cnntrain.text import argument, elsewhere, shown_path


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[RunDirectory]:
    """The directory `path`, made if need be, with this process as its only writer.

    Raises UsageError where it holds something else than a run or a sweep, CheckpointError where
    something in it may not be there, LockedError where another process writes here, StorageError
    where it cannot be made; nothing in it has been touched then.  A directory that this call has
    made is removed again if nothing was written to it.
    """
    directory = RunDirectory(path)
    _check(directory)
    new = not disk.exists(path)
    disk.make_folder(path)
    try:
        with locked(path):
            _check(directory)  # it may have changed before it was locked
            try:
                yield directory
            finally:
                with contextlib.suppress(StorageError):
                    # The lock marks what an interrupted start leaves as ours.
                    names = {entry.name for entry in disk.entries(path)}
                    if new and names <= {".lock", ".lock.json"}:
                        disk.remove(path / ".lock")
    finally:
        if new:
            with contextlib.suppress(OSError):  # only an empty folder goes
                path.rmdir()


def check_free(directory: RunDirectory, allowed: bool, *ways: str) -> bool:
    """Whether the claimed directory holds a run already; `allowed`: whether it may.

    ways   out of it, besides those that there always are

    Raises RunExistsError where it may not, or where it holds a sweep.
    """
    place = shown_path(directory.path)
    if directory.holds_sweep():
        raise RunExistsError(f"{place} holds a sweep ({elsewhere()})")
    there = directory.holds_run()
    if there and not allowed:
        told = ", ".join((*ways, f"{argument('overwrite', True)} starts over", f"or {elsewhere()}"))
        raise RunExistsError(f"{place} already holds a run ({told})")
    return there


def tidy(directory: RunDirectory) -> None:
    """Make the claimed directory ready to be written to: remove what interrupted writes have left,
    and give the files that are appended to contents of their own."""
    for folder in (directory.path, directory.checkpoints.path, directory.control):
        durable.clear(folder)
    disk.remove(directory.beat)
    for path in (*directory.tables.files.values(), directory.events):
        lines.own(path)
    lines.mend(directory.events)


def erase(directory: RunDirectory) -> None:
    """Remove the files of the run in the claimed directory, and no others.

    config.yaml goes last: until then the directory is known as that of a run.
    """
    for path in (
        directory.metrics,
        *reversed(directory.checkpoints.saved()),
        directory.summary,
        directory.timings,
        directory.steps,
        directory.layers,
        directory.scalars,
        directory.events,
        directory.provenance,
        directory.split_file,
        directory.config,
    ):
        disk.remove(path)


def _check(directory: RunDirectory) -> None:
    """Raise an error unless the directory is a run's or a sweep's, or may become a run's."""
    if directory.holds_sweep():
        return
    check_entries(directory.path)
    if not (directory.holds_run() or left_by_a_start(directory.path)):
        raise UsageError(
            f"{shown_path(directory.path)} is not empty and holds no run (nothing was changed; "
            f"choose a new or an empty directory with {argument('run')})"
        )
