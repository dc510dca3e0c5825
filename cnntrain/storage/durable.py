"""Writing files so that a crash leaves the old contents or the new ones, never a mixture.

A failed fsync is never retried: the kernel may have dropped the data (Rebello et al., USENIX ATC
2020), so the new file is discarded.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cnntrain.errors import StorageError
from cnntrain.files import read_bytes
from cnntrain.storage.disk import listing, remove, storage_errors
from cnntrain.text import shown_path

TEMPORARY = ".tmp-"
NO_LIMIT = 2**44  # bytes, more than any file has


def write(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: write a temporary file beside it, sync, rename, sync the folder.

    Raises StorageError; `path` then still has its old contents.
    """
    with replacing(path) as file:
        file.write(content)


def write_together(contents: Mapping[Path, bytes]) -> None:
    """The same for several files.  Where one of them does not fit on the disk, all keep their old
    contents."""
    with contextlib.ExitStack() as stack:
        for path, content in contents.items():
            file = stack.enter_context(replacing(path))
            file.write(content)
            file.flush()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when it is written, as `write` does it.

    Raises StorageError; `path` then still has its old contents, as after any other exception.
    """
    with storage_errors(path):
        with _temporary(path.parent) as temporary:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        sync_folder(path.parent)


def move(path: Path, target: Path) -> None:
    """Let the file at `path` take the place of `target`, in the same file system, when all of it is
    on the disk."""
    with storage_errors(target):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(target)
        sync_folder(target.parent)


def create(path: Path, content: bytes) -> None:
    """Write a new file.  Raises FileExistsError where anything is at `path`, and StorageError."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write {shown_path(path)}: {error.strerror}") from error


def probe(folder: Path, size: int) -> None:
    """Write a file of `size` bytes to `folder`, sync and remove it.  Raises StorageError."""
    with storage_errors(folder), _temporary(folder) as temporary:
        _fill(temporary, bytes(size))
        temporary.unlink()


def link(path: Path, target: Path) -> None:
    """Make `path` a hard link to `target`, replacing what was there; a copy where the file system
    has no hard links."""
    with storage_errors(path):
        with _temporary(path.parent) as temporary:
            try:
                os.link(target, temporary)
            except OSError:
                _fill(temporary, read_bytes(target, links=False, largest=NO_LIMIT))
            temporary.replace(path)
            temporary.unlink(missing_ok=True)  # rename does nothing where both are the same file
        sync_folder(path.parent)


def clear(folder: Path) -> None:
    """Remove the temporary files that interrupted writes have left in `folder`."""
    for path in listing(folder):
        if path.name.startswith(TEMPORARY):
            remove(path)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable, where the system can (Windows cannot)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """An unused name in `folder`; the file of that name is removed if anything goes wrong."""
    path = folder / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        yield path
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def _fill(path: Path, content: bytes) -> None:
    """Write `content` to a new file and wait until it is on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
