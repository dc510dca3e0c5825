"""Paths in a config: relative to its file, or to the working directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cnntrain.config.source.positions import Positions
from cnntrain.data.sources import SOURCES


def make_absolute(values: dict[str, Any], positions: Positions, folder: Path) -> None:
    """Make the paths in the data section absolute: those of the file are relative to `folder`,
    those of overrides to the working directory."""
    data = values.get("data")
    source = SOURCES.get(data)
    if source is None or not isinstance(data, dict):
        return
    for key in source.path_keys():
        text = data.get(key)
        if isinstance(text, str) and text and "\0" not in text:
            place = positions.value(("data", key))
            base = Path.cwd() if place is not None and place.turn else folder
            data[key] = os.path.normpath(Path(os.path.realpath(base)) / text)
