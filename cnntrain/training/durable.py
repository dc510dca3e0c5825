"""Writing files so that a crash leaves the old contents or the new, never a mixture.

Every file of a run directory is written here.  A failed fsync is never retried: the kernel may
have dropped the data (Rebello et al., USENIX ATC 2020), so the new file is given up.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from cnntrain.errors import StorageError
from cnntrain.text import printable

TEMPORARY = ".tmp-"


def write(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: a temporary file beside it, synced, renamed, folder synced.

    Raises StorageError; `path` then still holds what it held before.
    """
    with storage_errors(path):
        temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def probe(folder: Path, size: int) -> None:
    """Write a file of `size` bytes to `folder`, sync and remove it.  Raises StorageError."""
    with storage_errors(folder):
        temporary = folder / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            with temporary.open("xb") as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())
        finally:
            temporary.unlink(missing_ok=True)


def link(path: Path, target: Path) -> None:
    """Make `path` another name of `target`'s contents, replacing what it named before; a copy
    where the file system has no hard links."""
    with storage_errors(path):
        temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
        try:
            os.link(target, temporary)
        except OSError:
            write(path, target.read_bytes())
            return
        temporary.replace(path)
        temporary.unlink(missing_ok=True)  # rename leaves it where both are one file already
        sync_folder(path.parent)


def clear(folder: Path) -> None:
    """Remove what writes that were cut off have left in `folder`."""
    for path in folder.glob(f"{TEMPORARY}*"):
        with storage_errors(path):
            path.unlink(missing_ok=True)


def append(path: Path, line: str, sync: bool = False) -> None:
    """Add one line to `path` in a single write; `sync` waits until it is on the disk."""
    with storage_errors(path):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            content = (line + "\n").encode()
            if os.write(file, content) != len(content):
                raise OSError(None, "the line was written only in part")
            if sync:
                os.fsync(file)
        finally:
            os.close(file)


def mend(path: Path) -> None:
    """Cut off a last line that was written only in part."""
    if path.exists() and (content := path.read_bytes()) and not content.endswith(b"\n"):
        truncate(path, content.rfind(b"\n") + 1)


def truncate(path: Path, length: int) -> None:
    """Cut `path` to its first `length` bytes."""
    with storage_errors(path), path.open("rb+") as file:
        file.truncate(length)
        os.fsync(file.fileno())


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
def storage_errors(path: Path, doing: str = "write") -> Iterator[None]:
    """Raise StorageError for an OSError: "cannot DOING PATH: reason"."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"cannot {doing} {printable(path, 400)}: {reason}") from error
