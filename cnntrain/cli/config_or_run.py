"""The config that a command works on: that of a file, or of a run directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnntrain.config import Config


def load_target(path: str, overrides: tuple[str, ...]) -> Config:
    """The config at `path`, or of the run in directory `path`, with --set overrides."""
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.runs.directory import RunDirectory
    from cnntrain.runs.durable import is_folder

    changes = parse_overrides(overrides)
    if is_folder(Path(path)):
        return RunDirectory.find(Path(path)).load_config(changes)
    return load_config(path, changes)
