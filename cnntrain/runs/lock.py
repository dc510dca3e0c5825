"""One writer at a time for a run directory: its lock, and the record of who holds it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cnntrain.errors import LockedError, StorageError
from cnntrain.files import open_file, read_bytes
from cnntrain.runs.clock import utc_now
from cnntrain.storage import disk, durable
from cnntrain.text import printable, shown_path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 0.2  # seconds: longer than `is_live` ever holds the lock
PAUSE = 0.02
TRIES = 25  # a holder that has just taken the lock, on a busy machine, still has to record itself


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, which the system releases when the process dies.

    Raises LockedError where another process holds it, StorageError where it cannot be made.
    """
    lock = FileLock(folder / ".lock")
    with disk.storage_errors(folder, "lock"):
        for left in reversed(range(TRIES)):
            try:
                lock.acquire(timeout=PATIENCE, poll_interval=PAUSE)
                break
            except Timeout:
                holder = _holder(folder)
                known = holder is not None and not _is_gone(holder)
                if known or not left:
                    raise LockedError(_in_use(folder, holder or {})) from None
    try:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": utc_now()}
        durable.write(folder / ".lock.json", json.dumps(holder).encode())
        yield
    finally:
        with contextlib.suppress(StorageError):
            disk.remove(folder / ".lock.json")
        lock.release()


def is_live(folder: Path) -> bool:
    """Whether a process holds the lock.  The lock itself is asked, by sharing it for a moment:
    process numbers are reused and hosts renamed."""
    if fcntl is None:
        return _holder(folder) is not None
    try:
        file = open_file(folder / ".lock", links=False)
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # a file system without locks
            return _holder(folder) is not None
    return False


def _holder(folder: Path) -> dict[str, Any] | None:
    """What the process that holds the lock has recorded about itself."""
    try:
        holder = json.loads(read_bytes(folder / ".lock.json", links=False))
    except (OSError, ValueError, RecursionError):
        return None
    return holder if isinstance(holder, dict) else None


def _in_use(folder: Path, holder: dict[str, Any]) -> str:
    """The message that names who holds the lock."""
    try:
        who = "process {pid} on {host} since {since}".format(**holder)
    except KeyError:
        who = "another process"
    return f"the run directory {shown_path(folder)} is in use by {printable(who, 200)}"


def _is_gone(holder: dict[str, Any]) -> bool:
    """Whether a process of this host has died: a killed one leaves its record behind."""
    if holder.get("host") != socket.gethostname():
        return False
    try:
        os.kill(holder["pid"], 0)
    except PermissionError:
        return False
    except (ProcessLookupError, KeyError, TypeError, OverflowError):
        return True
    return False
