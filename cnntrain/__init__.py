"""Train convolutional networks, described in a YAML file and written in NumPy, on a CPU.

    config = cnntrain.load_config("digits.yaml", overrides={"batch_size": 64})
    data = cnntrain.load_data(config)
    summary = cnntrain.fit(config, run="runs/digits")
    run = cnntrain.Run("runs/digits")
    errors = run.metrics["validation_error"]
    result = cnntrain.evaluate("runs/digits")
    page, *figures = cnntrain.report("runs/digits", figures="figures")
    model = cnntrain.load_model("runs/digits")
    labels = model.predict(raw_images)

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
    InputWarning,
    LockedError,
    NotFoundError,
    RunExistsError,
    StorageError,
    UsageError,
)

__version__ = "0.2.0"

if TYPE_CHECKING:
    from cnntrain.cli.progress import ProgressBar
    from cnntrain.comparison.compare import compare
    from cnntrain.config import Config, load_config
    from cnntrain.experiment import build_network, load_data
    from cnntrain.exports.export import export
    from cnntrain.models.evaluation import evaluate
    from cnntrain.models.load import load_checkpoint, load_model
    from cnntrain.models.model import Model
    from cnntrain.models.predict_files import FileAnswer, predict_files
    from cnntrain.nn.inspect.gradcheck import check_gradients
    from cnntrain.nn.network import Network
    from cnntrain.nn.note.algorithm1 import backprop
    from cnntrain.reports.write import report
    from cnntrain.runs.reader import Run
    from cnntrain.sweeps.grid import sweep
    from cnntrain.sweeps.lr import lr_sweep
    from cnntrain.training.fit import fit
    from cnntrain.training.import_weights import import_weights

# Imported when first used, so that `cnntrain --help` need not wait for NumPy.
_HOMES = {
    "Config": "cnntrain.config",
    "FileAnswer": "cnntrain.models.predict_files",
    "Model": "cnntrain.models.model",
    "Network": "cnntrain.nn.network",
    "ProgressBar": "cnntrain.cli.progress",
    "Run": "cnntrain.runs.reader",
    "backprop": "cnntrain.nn.note.algorithm1",
    "build_network": "cnntrain.experiment",
    "check_gradients": "cnntrain.nn.inspect.gradcheck",
    "compare": "cnntrain.comparison.compare",
    "evaluate": "cnntrain.models.evaluation",
    "export": "cnntrain.exports.export",
    "fit": "cnntrain.training.fit",
    "import_weights": "cnntrain.training.import_weights",
    "load_checkpoint": "cnntrain.models.load",
    "load_config": "cnntrain.config",
    "load_data": "cnntrain.experiment",
    "lr_sweep": "cnntrain.sweeps.lr",
    "predict_files": "cnntrain.models.predict_files",
    "report": "cnntrain.reports.write",
    "sweep": "cnntrain.sweeps.grid",
    "load_model": "cnntrain.models.load",
}

__all__ = [
    "CheckpointError",
    "CnntrainError",
    "Config",
    "ConfigError",
    "DataError",
    "DivergedError",
    "FileAnswer",
    "InputWarning",
    "LockedError",
    "Model",
    "Network",
    "NotFoundError",
    "ProgressBar",
    "Run",
    "RunExistsError",
    "StorageError",
    "UsageError",
    "backprop",
    "build_network",
    "check_gradients",
    "compare",
    "evaluate",
    "export",
    "fit",
    "import_weights",
    "load_checkpoint",
    "load_config",
    "load_data",
    "load_model",
    "lr_sweep",
    "predict_files",
    "report",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cnntrain' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
