"""What a command works on: a config file, or the config of a run directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnntrain.config import Config


def load_target(path: str, overrides: tuple[str, ...]) -> Config:
    """The config at `path`, or of the run in directory `path`, with --set overrides."""
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.errors import NotFoundError
    from cnntrain.text import shown_path

    file = Path(path)
    if file.is_dir():
        file = file / "config.yaml"
        if not file.exists():
            raise NotFoundError(f"no run in {shown_path(path)}")
    return load_config("-" if path == "-" else file, parse_overrides(overrides))
