"""What cells of a table may hold: a number, or a short text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from cnntrain.text import printable

Check = Callable[[str], str | None]  # what is wrong with the text in a cell; None: nothing

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_TEXT = 256  # characters


def number_fault(cell: str) -> str | None:
    """Why a cell, without blanks around, holds no number; None where it does."""
    if not cell:
        return "is empty, expected a number"
    if not NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        return f"holds '{printable(cell, 40)}', expected a number"
    return None


def text_fault(text: str, check: Check) -> str | None:
    """What is wrong with a cell that holds text; None: nothing."""
    if not text:
        return "is empty"
    if len(text) > LONGEST_TEXT:
        return f"holds {len(text):,} characters, expected {LONGEST_TEXT} at most"
    return check(text)
