"""Worker threads that take chunks in turn; results come back in chunk order.

BLAS is held to one thread meanwhile: its own threading would make results depend on the number
of cores, and many small products gain little from it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import numpy as np

from cnntrain.limits import memory_is_limited, rehearse, share_memory_between_threads
from cnntrain.nn.execution.blas import single_threaded_blas
from cnntrain.nn.execution.workspace import Workspace

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers:
    """`count` threads, each with a workspace of its own.  With one thread, or one
    item, the caller does the work."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._local = threading.local()
        self._others: list[Workspace] = []
        self._lock, self._prepared = threading.RLock(), False
        self._pools: dict[int, ThreadPoolExecutor] = {}  # by process: a fork has no threads of ours

    def __repr__(self) -> str:
        return f"Workers({self.count})"

    def __reduce__(self) -> tuple[type[Workers], tuple[int]]:
        """Copies in other processes, and pickles, start threads of their own."""
        return Workers, (self.count,)

    def map(
        self, function: Callable[[Item, Workspace], Result], items: Sequence[Item]
    ) -> Iterator[Result]:
        """`function(item, workspace)` for each item, in order, with at most 2 x `count` results
        alive at once."""
        self._prepare()
        with single_threaded_blas():
            if self.count == 1 or len(items) == 1:
                for item in items:
                    yield self._call(function, item)
                return
            pending: deque[Future[Result]] = deque()
            try:
                for item in items:
                    pending.append(self._pool.submit(self._call, function, item))
                    if len(pending) >= 2 * self.count:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()
                wait(pending)

    def _call(self, function: Callable[[Item, Workspace], Result], item: Item) -> Result:
        """Whether results are finite is for the caller to judge, so overflow is no warning."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return function(item, self.workspace())

    def workspace(self) -> Workspace:
        """That of the thread which asks."""
        if not hasattr(self._local, "workspace"):
            self._local.workspace = Workspace()
        workspace: Workspace = self._local.workspace
        return workspace

    def workspaces(self, count: int) -> list[Workspace]:
        """So many others, whoever works in them."""
        while len(self._others) < count:
            self._others.append(Workspace())
        return self._others[:count]

    def _prepare(self) -> None:
        """Before the first work: where memory is limited, take what BLAS needs."""
        if self._prepared:
            return
        with self._lock:
            if not self._prepared and memory_is_limited():
                share_memory_between_threads()
                rehearse(self._reserve, "a smaller compute.workers needs less")
                self._reserve()
            self._prepared = True

    def _reserve(self) -> None:
        """Let BLAS take the memory that all threads at once need of it, which it keeps."""
        matrix, together = np.ones((512, 512)), threading.Barrier(self.count)

        def multiply(_: int) -> None:
            for _ in range(8):  # all at once, in one round at least
                together.wait()
                matrix @ matrix

        with single_threaded_blas():
            if self.count == 1:
                multiply(0)
                return
            try:
                list(self._pool.map(multiply, range(self.count)))
            except RuntimeError:  # not all of the threads could be started
                together.abort()
                raise

    @property
    def _pool(self) -> ThreadPoolExecutor:
        process = os.getpid()
        if process not in self._pools:  # a pool starts no thread before it is given work
            pool = ThreadPoolExecutor(self.count, thread_name_prefix="cnntrain")
            self._pools.setdefault(process, pool)
        return self._pools[process]
