"""What tests look at in a run directory: its events, and the digests of its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

# The files whose bytes a run promises, interrupted or not.
FILES = ("metrics.csv", "checkpoints/best.safetensors", "checkpoints/last.safetensors")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(run: Path) -> dict[str, str]:
    """Digests of the promised files, by name."""
    return {name: digest(run / name) for name in FILES}


def all_digests(folder: Path) -> dict[Path, str]:
    """Digests of all files below a folder, by path."""
    return {path: digest(path) for path in folder.rglob("*") if path.is_file()}


def events(run: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """The events in `events.jsonl`, all or those of one kind, in their order."""
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [event for event in found if kind in (None, event["event"])]
