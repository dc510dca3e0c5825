"""Reading events.jsonl: what happened in a run, one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnntrain.errors import CheckpointError, NotFoundError, StorageError
from cnntrain.storage import disk
from cnntrain.text import printable, shown_path

Event = dict[str, Any]


def read_events(path: Path) -> list[Event]:
    """The events in a file, the oldest first.  A last line that is torn is left out.

    Raises NotFoundError where there is no such file, CheckpointError where it cannot be read or
    another line is no event.
    """
    try:
        content = disk.read(path)
    except StorageError as error:
        raise CheckpointError(str(error)) from None
    if content is None:
        raise NotFoundError(f"no {path.name} in {shown_path(path.parent)}")
    try:
        return parse_events(content)
    except ValueError as error:
        raise CheckpointError(f"{shown_path(path)}:{printable(error)}") from None


def parse_events(content: bytes) -> list[Event]:
    """The events in the content of a file.  Raises ValueError, which names the line."""
    found = []
    lines = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            event = json.loads(line)
            if not isinstance(event["event"], str):
                raise TypeError
            found.append(event)
        except (ValueError, KeyError, TypeError, RecursionError):
            if number < len(lines):
                raise ValueError(f"{number}: not an event of a run") from None
    return found
