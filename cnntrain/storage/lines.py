"""Files that lines are appended to, such as tables and events: a line is there whole or not at
all."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from cnntrain.storage.disk import NO_LINKS, read, storage_errors
from cnntrain.storage.durable import write


def append(path: Path, line: str, sync: bool = False) -> None:
    """Append one line to the existing file `path` in a single write; `sync` waits until it is on
    the disk.  If that fails nothing of the line remains.  Raises StorageError."""
    with storage_errors(path):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | NO_LINKS)
        try:
            length = os.fstat(file).st_size
            try:
                content = (line + "\n").encode()
                if os.write(file, content) != len(content):
                    raise OSError(errno.ENOSPC, "the line was written only in part")
                if sync:
                    os.fsync(file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file, length)
                raise
        finally:
            os.close(file)


def mend(path: Path) -> None:
    """Cut off a last line that is incomplete."""
    content = read(path)
    if content and not content.endswith(b"\n"):
        truncate(path, content.rfind(b"\n") + 1)


def own(path: Path) -> None:
    """Give `path` contents of its own where it is a hard link, as in a copy by `cp -al`: what is
    appended to it would be appended to the other file, too."""
    with storage_errors(path, "read"):
        shared = path.exists() and path.stat().st_nlink > 1
    if shared:
        write(path, read(path) or b"")


def truncate(path: Path, length: int) -> None:
    """Cut `path` to its first `length` bytes."""
    with storage_errors(path):
        file = os.open(path, os.O_WRONLY | NO_LINKS)
        try:
            os.ftruncate(file, length)
            os.fsync(file)
        finally:
            os.close(file)
