"""Train convolutional networks, described in a YAML file and written in NumPy, on a CPU.

    config = cnntrain.load_config("digits.yaml", overrides={"batch_size": 64})
    summary = cnntrain.fit(config, run="runs/digits")
    result = cnntrain.evaluate("runs/digits")
    model = cnntrain.load_checkpoint("runs/digits")
    p = model.predict(raw_images)

The method is Carlo Tomasi's lecture note "Training Convolutional Neural Networks" (2021);
equations and sections in this package's documentation are the note's.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnntrain.errors import (
    CheckpointError,
    CnntrainError,
    ConfigError,
    DataError,
    DivergedError,
    LockedError,
    NotFoundError,
    RunExistsError,
    StorageError,
    UsageError,
)

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cnntrain.build import build_network
    from cnntrain.cli.progress import ProgressBar
    from cnntrain.config import Config, load_config
    from cnntrain.models.evaluation import evaluate
    from cnntrain.models.model import Model, load_checkpoint
    from cnntrain.nn.inspect.gradcheck import check_gradients
    from cnntrain.nn.network import Network
    from cnntrain.nn.note.algorithm1 import backprop
    from cnntrain.sweep.lr import lr_sweep
    from cnntrain.training.fit import fit

# Imported when first used, so that `cnntrain --help` need not wait for NumPy.
_HOMES = {
    "Config": "cnntrain.config",
    "Model": "cnntrain.models.model",
    "Network": "cnntrain.nn.network",
    "ProgressBar": "cnntrain.cli.progress",
    "backprop": "cnntrain.nn.note.algorithm1",
    "build_network": "cnntrain.build",
    "check_gradients": "cnntrain.nn.inspect.gradcheck",
    "evaluate": "cnntrain.models.evaluation",
    "fit": "cnntrain.training.fit",
    "load_checkpoint": "cnntrain.models.model",
    "load_config": "cnntrain.config",
    "lr_sweep": "cnntrain.sweep.lr",
}

__all__ = [
    "CheckpointError",
    "CnntrainError",
    "Config",
    "ConfigError",
    "DataError",
    "DivergedError",
    "LockedError",
    "Model",
    "Network",
    "NotFoundError",
    "ProgressBar",
    "RunExistsError",
    "StorageError",
    "UsageError",
    "backprop",
    "build_network",
    "check_gradients",
    "evaluate",
    "fit",
    "load_checkpoint",
    "load_config",
    "lr_sweep",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cnntrain' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
