"""Paths in a config: relative to its file, or to the working directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnntrain.config.source.positions import Positions
from cnntrain.data.sources import SOURCES


def make_absolute(values: dict[str, Any], positions: Positions, folder: Path) -> None:
    """Make the paths absolute: those of the file are relative to `folder`, those of overrides to
    the working directory."""
    for path in _paths(values):
        *around, key = path
        section = values[around[0]] if around else values
        text = section.get(key)
        if isinstance(text, str) and text and "\0" not in text:
            place = positions.value(path)
            base = Path.cwd() if place is not None and place.turn else folder
            section[key] = os.path.normpath(Path(os.path.realpath(base)) / text)


def _paths(values: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The keys that hold paths, in sections that are mappings."""
    data, start = values.get("data"), values.get("start_from", "none")
    if isinstance(data, dict) and (source := SOURCES.get(data)) is not None:
        yield from (("data", key) for key, value in data.items() if source.is_path(key, value))
    if isinstance(start, dict):
        yield "start_from", "checkpoint"
    elif start != "none":
        yield ("start_from",)
