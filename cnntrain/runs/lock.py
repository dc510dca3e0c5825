"""One writer for a run directory: the lock that it holds, and what others are told of it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cnntrain.errors import LockedError
from cnntrain.runs import durable
from cnntrain.runs.clock import now
from cnntrain.text import printable, shown_path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 0.2  # seconds: longer than `is_live` ever holds the lock
PAUSE = 0.02
TRIES = 25  # for a holder that has just taken the lock to say who it is, on a busy machine


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, which the system takes back when the process dies.

    Raises LockedError where another process holds it, StorageError where there can be none.
    """
    lock = FileLock(folder / ".lock")
    with durable.storage_errors(folder, "lock"):
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
        about = {"pid": os.getpid(), "host": socket.gethostname(), "since": now()}
        durable.write(folder / ".lock.json", json.dumps(about).encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / ".lock.json").unlink(missing_ok=True)
        lock.release()


def is_live(folder: Path) -> bool:
    """Whether a process holds the lock: asked of the lock itself, by sharing it for a moment,
    since numbers of processes are given again and hosts renamed."""
    if fcntl is None:
        return _holder(folder) is not None
    try:
        file = os.open(folder / ".lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system that cannot tell
        return _holder(folder) is not None
    finally:
        os.close(file)
    return False


def _holder(folder: Path) -> dict[str, Any] | None:
    """What the process that holds the lock says of itself."""
    try:
        holder = json.loads((folder / ".lock.json").read_text())
    except (OSError, ValueError, RecursionError):
        return None
    return holder if isinstance(holder, dict) else None


def _in_use(folder: Path, holder: dict[str, Any]) -> str:
    """Says who holds the lock."""
    try:
        who = "process {pid} on {host} since {since}".format(**holder)
    except KeyError:
        who = "another process"
    return f"the run directory {shown_path(folder)} is in use by {printable(who, 200)}"


def _is_gone(holder: dict[str, Any]) -> bool:
    """Whether a process of this host has died: it has left what it said when it was killed."""
    if holder.get("host") != socket.gethostname():
        return False
    try:
        os.kill(holder["pid"], 0)
    except PermissionError:
        return False
    except (ProcessLookupError, KeyError, TypeError, OverflowError):
        return True
    return False
