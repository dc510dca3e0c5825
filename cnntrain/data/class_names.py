"""Names of classes: text that files can hold, and that tells the classes apart in print."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from cnntrain.text import printable


def name_problem(names: Sequence[str]) -> str | None:
    """What is wrong with `names` as names of the classes 0, 1, ...; None where nothing is."""
    first: dict[str, int] = {}  # the class that looks like this
    for label, name in enumerate(names):
        called = f"class {label} is called '{printable(name)}'"
        if any("\ud800" <= character <= "\udfff" for character in name):
            return f"{called}, expected text that UTF-8 can hold"
        if not name.strip():
            return f"{called}, expected a name that can be seen"
        look = _printed(name)
        if look in first:
            other = printable(names[first[look]])
            return f"{called}, and class {first[look]} '{other}', expected names that differ"
        first[look] = label
    return None


def _printed(name: str) -> str:
    """How a name looks in print, where neither the number of blanks nor the composition of an
    accented letter can be seen."""
    composed = unicodedata.normalize("NFC", name)
    return " ".join(printable(composed, len(composed)).split())
