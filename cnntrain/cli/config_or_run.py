"""The config that a command works on: that of a file, of a run directory, or of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnntrain.errors import CheckpointError

if TYPE_CHECKING:
    from cnntrain.config import Config

TARGET = "CONFIG|RUN|CHECKPOINT"


def load_target(path: str, overrides: tuple[str, ...]) -> Config:
    """The config at `path`, with --set overrides.

    Raises ConfigError where it is wrong, CheckpointError where a run or a checkpoint is damaged,
    NotFoundError where a directory holds no run.
    """
    from cnntrain.config import load_config, parse_overrides
    from cnntrain.models.load import checkpoint_config
    from cnntrain.runs import foreign
    from cnntrain.runs.directory import RunDirectory
    from cnntrain.storage.disk import is_folder

    changes = parse_overrides(overrides)
    if is_folder(Path(path)):
        return RunDirectory.find(Path(path)).load_config(changes)
    if path.endswith(".safetensors"):
        return checkpoint_config(Path(path), changes)
    if (problem := foreign.told(Path(path))) is not None:
        raise CheckpointError(problem)
    return load_config(path, changes)
