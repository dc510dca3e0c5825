"""Pillow, which decodes pictures, and is imported when the first one is."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from cnntrain.errors import UsageError


def pillow() -> Any:
    """Its module `Image`.  Raises UsageError where it is not installed."""
    try:
        return import_module("PIL.Image")
    except ImportError:
        raise UsageError("pictures need Pillow (pip install 'cnntrain[images]')") from None


def pillow_version() -> str:
    """Which Pillow there is; another one may decode otherwise."""
    return str(import_module("PIL").__version__)


@contextmanager
def silent() -> Iterator[None]:
    """Without Pillow's warnings, which are about the innards of files.

    Filters belong to the process, and are put back as if one thread alone had changed them when the
    last one leaves.
    """
    global _inside, _filters
    with _lock:
        if _inside == 0:
            _filters = warnings.catch_warnings()
            _filters.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _filters.__exit__(None, None, None)


_lock, _inside = threading.Lock(), 0
_filters: Any = None
