"""Limits on the memory of this process, such as that of `ulimit -v`.

OpenBLAS that gets no memory ends the process, without a word to Python.  Under a limit, whatever
makes it ask for memory is therefore rehearsed by another process, which may die of it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from cnntrain.errors import StorageError

_KINDS = ("RLIMIT_AS", "RLIMIT_DATA")
_SPARE = 2**24  # bytes that must be left after a rehearsal, for what follows


def memory_is_limited() -> bool:
    """Whether this process may have less memory than the machine."""
    try:
        import resource
    except ImportError:  # not on Windows
        return False
    limits = (resource.getrlimit(getattr(resource, kind))[0] for kind in _KINDS)
    return any(limit != resource.RLIM_INFINITY for limit in limits)


def share_memory_between_threads() -> None:
    """Keep glibc from setting 64 MiB of addresses aside for each thread, whenever it happens to ask
    first: what is left for others would be a matter of chance."""
    import ctypes  # which takes memory itself

    arena_max = -8  # M_ARENA_MAX of malloc.h
    with contextlib.suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(arena_max, 1)


def rehearse(action: Callable[[], object], advice: str) -> None:
    """Raise StorageError, with the way out, where `action` fails or would end this process, for
    want of memory."""
    child = os.fork()
    if child == 0:
        _act(action)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise StorageError(f"not enough memory ({advice})")


def _act(action: Callable[[], object]) -> None:
    """Do it in silence, and end the process: with 0, unless memory did not suffice."""
    code = StorageError.exit_code
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        action()
        bytearray(_SPARE)
        code = 0
    except ModuleNotFoundError:  # which will show again
        code = 0
    finally:  # without memory, any other exception can arise
        os._exit(code)
