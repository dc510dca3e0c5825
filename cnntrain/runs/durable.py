"""Writing files so that a crash leaves the old contents or the new ones, never a mixture.

Every file of a run directory is written, read, listed and removed here, and every OSError becomes
a StorageError that names the file.  A failed fsync is never retried: the kernel may have dropped
the data (Rebello et al., USENIX ATC 2020), so the new file is discarded.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cnntrain.errors import StorageError
from cnntrain.files import MISSING, read_bytes
from cnntrain.text import shown_path

TEMPORARY = ".tmp-"
CHECKPOINT = 2**44  # bytes, more than any has
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe would hang


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
                _fill(temporary, read_bytes(target, links=False, largest=CHECKPOINT))
            temporary.replace(path)
            temporary.unlink(missing_ok=True)  # rename does nothing where both are the same file
        sync_folder(path.parent)


def append(path: Path, line: str, sync: bool = False) -> None:
    """Append one line to the existing file `path` in a single write; `sync` waits until it is on
    the disk.  If that fails nothing of the line remains.  Raises StorageError."""
    with storage_errors(path):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | _NO_LINKS)
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


def overwrite(path: Path, content: bytes) -> None:
    """Write `content` over the beginning of `path`, which need not exist, in a single write that
    nobody waits for: where nothing depends on it.  Raises StorageError."""
    with storage_errors(path):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | _NO_LINKS, 0o666)
        try:
            os.write(file, content)
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
        file = os.open(path, os.O_WRONLY | _NO_LINKS)
        try:
            os.ftruncate(file, length)
            os.fsync(file)
        finally:
            os.close(file)


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


def remove(path: Path) -> None:
    """Remove a file if it exists.  Raises StorageError."""
    with storage_errors(path, "remove"):
        path.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Remove the temporary files that interrupted writes have left in `folder`."""
    for path in listing(folder):
        if path.name.startswith(TEMPORARY):
            remove(path)


def remove_folder(path: Path) -> None:
    """Remove a folder, unless something is in it."""
    with contextlib.suppress(OSError):
        path.rmdir()


def make_folder(path: Path) -> None:
    """Make the folder `path` and its parents, where they are missing.  Raises StorageError."""
    with storage_errors(path, "make"):
        path.mkdir(parents=True, exist_ok=True)


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
        raise StorageError(f"cannot {doing} {shown_path(path)}: {reason}") from error


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
