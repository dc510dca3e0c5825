"""Who is told how far something is that takes long, such as the decoding of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watch = Callable[[str, int, int], None]  # told what is done, how much of it, and of how much


def _nobody(doing: str, done: int, total: int) -> None:
    """Looks away."""


_watch: ContextVar[Watch] = ContextVar("watch", default=_nobody)


def tell(doing: str, done: int, total: int) -> None:
    """Tell whoever watches that `done` of `total` is done; a total of 0 is one not known."""
    _watch.get()(doing, done, total)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """While entered, `watch` is told, in this thread."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)
