"""The one door through which files are read: regular files only.

A pipe would hang, a device has no end, a folder has no content.  A path that somebody names may be
a symbolic link; in a run directory nothing may be one, and `links=False` refuses it.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

MISSING = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}  # there can be no file

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
PIECE = 2**20  # bytes that are read at once
LARGEST = 2**28  # bytes in a config, a table, events or a record


class NotAFile(OSError):
    """What is at a path is no regular file, but of another `kind`, such as "a directory"."""

    def __init__(self, kind: str, path: Path) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, expected a file", str(path))
        self.kind = kind


def open_file(path: str | Path, *, links: bool = True) -> BinaryIO:
    """The regular file at `path`, open for reading.

    links   whether `path` itself may be a symbolic link

    Never waits.  Raises OSError: NotAFile where something else is there, FileNotFoundError also
    where no file can have that name.
    """
    path = Path(path)
    flags = os.O_RDONLY
    for name in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY", "" if links else "O_NOFOLLOW"):
        flags |= getattr(os, name, 0)
    try:
        if not links and path.is_symlink():
            raise NotAFile("a symbolic link", path)
        descriptor = os.open(path, flags)
    except ValueError:  # a null byte, or a surrogate
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
    except OSError as error:
        if error.errno == errno.ENXIO:  # as of a socket, or a pipe without a writer
            check_regular(path, path.stat().st_mode)
        raise
    try:
        check_regular(path, os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_regular(path: Path, mode: int) -> None:
    """Raises NotAFile unless the `mode` of what is at `path` is that of a regular file."""
    if not stat.S_ISREG(mode):
        kinds = (kind for is_kind, kind in _KINDS if is_kind(mode))
        raise NotAFile(next(kinds, "no regular file"), path)


def read_bytes(
    path: str | Path, *, links: bool = True, limit: int | None = None, largest: int = LARGEST
) -> bytes:
    """The content of the regular file at `path`, or its first `limit` bytes.

    Raises OSError as `open_file` does, and where there are more than the `largest` number of bytes.
    """
    content, most = bytearray(), largest + 1 if limit is None else limit
    with open_file(path, links=links) as file:
        # Piece by piece: all at once would take memory for `most` bytes.
        while piece := file.read(min(PIECE, most - len(content))):
            content += piece
    if limit is None and len(content) > largest:
        raise OSError(errno.EFBIG, f"it has more than {largest:,} bytes", str(path))
    return bytes(content)


def read_text(path: str | Path, *, links: bool = True) -> str:
    """The content of a file in UTF-8.  Raises OSError as `open_file` does, and ValueError."""
    return read_bytes(path, links=links).decode()
