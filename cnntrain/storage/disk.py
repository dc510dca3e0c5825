"""What is on the disk, and changes of it that a crash may leave half done."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from cnntrain.errors import StorageError
from cnntrain.files import MISSING, read_bytes
from cnntrain.text import shown_path

NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe would hang


def read(path: Path) -> bytes | None:
    """The content of `path`; None where there is no such file.  Raises StorageError, also where a
    link or anything but a file is there."""
    with storage_errors(path, "read"):
        try:
            return read_bytes(path, links=False)
        except OSError as error:
            if error.errno in MISSING:
                return None
            raise


def exists(path: Path) -> bool:
    """Whether there is anything at `path`.  Raises StorageError where access is denied."""
    with storage_errors(path, "read"):
        try:
            path.stat()
        except OSError as error:
            if error.errno in MISSING:
                return False
            raise
    return True


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder; False where access is denied."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether `path` is a file; False where access is denied."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def listing(folder: Path) -> list[Path]:
    """The files in `folder` in order of their names, without folders and links; none where there
    is no such folder.  Raises StorageError."""
    return [folder / e.name for e in entries(folder) if e.is_file(follow_symlinks=False)]


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in `folder`, in order of the names; nothing where there is no such folder.

    Raises StorageError.
    """
    with storage_errors(folder, "read"):
        try:
            with os.scandir(folder) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if error.errno in MISSING:
                return []
            raise


def overwrite(path: Path, content: bytes) -> None:
    """Write `content` over the beginning of `path`, which need not exist, in a single write that
    nobody waits for: where nothing depends on it.  Raises StorageError."""
    with storage_errors(path):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | NO_LINKS, 0o666)
        try:
            os.write(file, content)
        finally:
            os.close(file)


def remove(path: Path) -> None:
    """Remove a file if it exists.  Raises StorageError."""
    with storage_errors(path, "remove"):
        path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make the folder `path` and its parents, where they are missing.  Raises StorageError."""
    with storage_errors(path, "make"):
        path.mkdir(parents=True, exist_ok=True)


def remove_folder(path: Path) -> None:
    """Remove a folder, unless something is in it."""
    with contextlib.suppress(OSError):
        path.rmdir()


@contextlib.contextmanager
def storage_errors(path: Path, doing: str = "write") -> Iterator[None]:
    """Raise StorageError for an OSError: "cannot DOING PATH: reason"."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot {doing} {shown_path(path)}: {reason}") from error
