"""Names, numbers and text as C has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WIDTH = 100  # columns
LONGEST = 4000  # bytes of a string literal: a compiler need not take more than 4095


def number(value: float | np.floating[Any]) -> str:
    """A float, in as few digits as tell it from its neighbours."""
    return f"{np.float32(value)!s}f"


def numbers(values: Array) -> str:
    """Floats or whole numbers between braces, some to a line."""
    flat = values.ravel()
    written = map(number, flat) if flat.dtype.kind == "f" else map(str, flat)
    return braces(written)


def braces(items: Iterable[str]) -> str:
    """Items of an initialiser, as many to a line as it holds."""
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) + 6 > WIDTH:
            lines.append("")
        lines[-1] += f" {item}," if lines[-1] else f"{item},"
    return "{\n" + "\n".join(f"    {line}" for line in lines) + "\n}"


def called(function: str, arguments: Iterable[str]) -> str:
    """The call of a function as a statement, as many arguments to a line as it holds."""
    lines = [f"    {function}("]
    between = ""
    for argument in arguments:
        if len(lines[-1]) + len(between) + len(argument) + 2 > WIDTH:
            lines[-1] += ","
            lines.append(" " * (5 + len(function)))
            between = ""
        lines[-1] += between + argument
        between = ", "
    return "\n".join(lines) + ");"


def string(text: str) -> str:
    """Any text as a constant string in UTF-8."""
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > LONGEST or 0 in content:
        return f"(const char[]){{{', '.join(map(_character, (*content, 0)))}}}"
    return '"' + "".join(map(_in_literal, content)) + '"'


def _in_literal(byte: int) -> str:
    """One byte; "?" may begin a trigraph."""
    return chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"


def _character(byte: int) -> str:
    return f"'\\{byte:03o}'"


class Names:
    """A word of its own for each of some things that have any names."""

    def __init__(self, *taken: str) -> None:
        self.taken = set(taken)

    def new(self, name: str) -> str:
        """A word of letters, digits and "_" like `name`."""
        word = like = re.sub(r"\W", "_", name, flags=re.ASCII)
        count = 1
        while word in self.taken:
            count += 1
            word = f"{like}_{count}"
        self.taken.add(word)
        return word
