"""One writer for a run directory: the lock that it holds, and what others are told of it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cnntrain.errors import LockedError, StorageError
from cnntrain.text import printable
from cnntrain.training import durable


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, which the system takes back when the process dies.

    Raises LockedError where another process holds it, StorageError where there can be none.
    """
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockedError(_in_use(folder)) from None
    except OSError as error:
        raise StorageError(f"cannot lock {printable(folder, 400)}: {error.strerror}") from error
    try:
        about = {"pid": os.getpid(), "host": socket.gethostname(), "since": now()}
        durable.write(folder / ".lock.json", json.dumps(about).encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / ".lock.json").unlink(missing_ok=True)
        lock.release()


def is_live(folder: Path) -> bool:
    """Whether a process seems to hold the lock: one that runs on this machine, or one on another
    machine that has not given it back."""
    holder = _holder(folder)
    if holder is None:
        return False
    if holder.get("host") != socket.gethostname():
        return True
    try:
        os.kill(int(holder["pid"]), 0)
    except (ProcessLookupError, KeyError, TypeError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _holder(folder: Path) -> dict[str, Any] | None:
    """What the process that holds the lock says of itself."""
    try:
        holder = json.loads((folder / ".lock.json").read_text())
    except (OSError, ValueError):
        return None
    return holder if isinstance(holder, dict) else None


def _in_use(folder: Path) -> str:
    place, holder = printable(folder, 400), _holder(folder)
    try:
        who = "process {pid} on {host} since {since}".format(**(holder or {}))
    except KeyError:
        who = "another process"
    return f"the run directory {place} is in use by {printable(who, 200)}"
