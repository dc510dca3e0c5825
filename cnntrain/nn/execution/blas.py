"""BLAS held to one thread, for as long as anybody here computes.

Its number of threads belongs to the process: of several callers at once the first one sets it, and
the last one sets it back.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from threadpoolctl import ThreadpoolController


class _Blas:
    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._after_fork)

    def _begin(self) -> None:
        self._lock, self._inside, self._limit = threading.Lock(), 0, None

    _limit: Any

    def _after_fork(self) -> None:
        """The callers in other threads are not in this process."""
        limit = self._limit
        self._begin()
        if limit is not None:
            limit.restore_original_limits()

    @cached_property
    def controller(self) -> ThreadpoolController:
        return ThreadpoolController()

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._limit = self.controller.limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside = max(self._inside - 1, 0)
            if self._inside == 0 and self._limit is not None:
                self._limit.restore_original_limits()
                self._limit = None


_BLAS = _Blas()


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """BLAS with one thread, whoever else asks for it or is done with it meanwhile."""
    _BLAS.enter()
    try:
        yield
    finally:
        _BLAS.leave()
