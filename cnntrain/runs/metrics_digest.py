"""metrics.csv up to a checkpoint, as the checkpoint records it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pydantic import Field

from cnntrain.runs.records import Record
from cnntrain.text import printable


class MetricsDigest(Record):
    """Length and SHA-256 of metrics.csv when a checkpoint was written."""

    bytes: int = Field(ge=0)
    digest: str


def digest_of(content: bytes) -> MetricsDigest:
    """The digest of a metrics.csv with this content."""
    return MetricsDigest(bytes=len(content), digest=hashlib.sha256(content).hexdigest())


def matches(content: bytes, digest: MetricsDigest) -> bool:
    """Whether a metrics.csv with this content still begins with what it held then."""
    return digest_of(content[: digest.bytes]) == digest


def damage(content: bytes, lines: Mapping[int, str]) -> str:
    """Where a metrics.csv differs from the `lines` that are known to have been in it, by number:
    ":LINE: found X, expected Y"."""
    found = content.decode(errors="replace").split("\n")
    for number, expected in sorted(lines.items()):
        line = found[number - 1] if number <= len(found) else ""
        if line != expected:
            shown = printable(line, 200) or "nothing"
            return f":{number}: found {shown}, expected {printable(expected, 200)}"
    return ": one of its lines is not what the run wrote"
