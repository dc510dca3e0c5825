"""Whoever watches pictures being decoded."""

from __future__ import annotations

from collections.abc import Callable

Watch = Callable[[str, int, int], None]  # told what is done, how much of it, and of how much


def nobody(doing: str, done: int, total: int) -> None:
    """Looks away."""
