"""metrics.csv up to a checkpoint, as the checkpoint records it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cnntrain.text import printable


def recorded(content: bytes) -> dict[str, Any]:
    """Length and SHA-256 of the file, for a checkpoint that is written now."""
    return {"bytes": len(content), "digest": hashlib.sha256(content).hexdigest()}


def holds(content: bytes, record: Mapping[str, Any]) -> bool:
    """Whether the file still begins with what a checkpoint has recorded."""
    return recorded(content[: record["bytes"]]) == record


def damage(content: bytes, lines: Mapping[int, str]) -> str:
    """Where the file differs from the `lines`, by their number, that are known to have been in it:
    ":LINE: found X, expected Y"."""
    found = content.decode(errors="replace").split("\n")
    for number, expected in sorted(lines.items()):
        line = found[number - 1] if number <= len(found) else ""
        if line != expected:
            shown = printable(line, 200) or "nothing"
            return f":{number}: found {shown}, expected {printable(expected, 200)}"
    return ": one of its lines is not what the run wrote"
