"""The memory that this process may use, and has used; and what to say where it does not suffice."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from cnntrain.errors import StorageError
from cnntrain.files import read_text

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@functools.cache
def usable_memory() -> float:
    """Bytes: of the machine, or less where the cgroup or a limit of the process grants less."""
    grants = [math.inf]
    with contextlib.suppress(AttributeError, OSError, ValueError):
        grants.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with contextlib.suppress(ImportError):  # on Windows
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        grants.append(math.inf if limit == resource.RLIM_INFINITY else limit)
    for path in _LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max" is no number
            grants.append(int(read_text(Path(path))))
    return min(grants)


def peak_memory() -> float | None:
    """The largest resident memory of this process so far in MiB; None where unknown."""
    try:  # Linux; getrusage would include the program that started this one
        for line in read_text("/proc/self/status").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 2**10, 1)
    except (OSError, ValueError):
        pass
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


@contextlib.contextmanager
def memory_for(needed: int, message: str) -> Iterator[None]:
    """Raise StorageError with `message` where memory runs out, and before anything is allocated
    where `needed` bytes are more than there can be."""
    if needed > usable_memory():
        raise StorageError(f"not enough memory: {message}")
    try:
        yield
    except MemoryError:
        raise StorageError(f"not enough memory: {message}") from None


def size_text(size: int) -> str:
    """A number of bytes for people.

    >>> size_text(3 * 2**30)
    '3.0 GiB'
    """
    power = min(max(size.bit_length() - 1, 0) // 10, 6)
    return (
        f"{size / 2 ** (10 * power):.1f} {['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'][power]}"
    )
