"""The functions that exported networks are made of, each with what it needs: functions/."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cnntrain.files import read_bytes

FUNCTIONS = Path(__file__).resolve().parent / "functions"
INCLUDE = re.compile(r'#include ([<"])(.+)[>"]\n+')


def functions(names: Iterable[str]) -> tuple[list[str], str]:
    """The headers of the standard library that these functions need, and the text of them and of
    those that they call, each once and before it is called."""
    headers: set[str] = set()
    texts: dict[str, str] = {}

    def take(file: str) -> None:
        if file in texts:
            return
        text = read_bytes(FUNCTIONS / file).decode()
        for bracket, included in INCLUDE.findall(text):
            if bracket == "<":
                headers.add(included)
            else:
                take(included)
        texts[file] = INCLUDE.sub("", text)

    for name in sorted(set(names)):
        take(f"{name}.c")
    return sorted(headers), "\n".join(texts.values())
