"""Text as formatters of Python leave it."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 88  # columns


def wrapped(start: str, items: Sequence[str], end: str, indent: str = "") -> str:
    """One line where it fits, else an item a line."""
    whole = f"{indent}{start}{', '.join(items)}{end}"
    if len(whole) <= WIDTH and whole.isascii():
        return whole
    return "\n".join(
        [f"{indent}{start}", *(f"{indent}    {item}," for item in items), f"{indent}{end}"]
    )


def quoted(text: str) -> str:
    """A string literal."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    inside = "".join(c if c in "\"'" else repr(c)[1:-1] for c in text)
    return quote + inside.replace(quote, f"\\{quote}") + quote
