"""The whole state of a run at one moment, as a checkpoint holds it.

What `evaluate` and `predict` need stands beside what going on needs.  Nothing in it depends on
the time, the host, the path of the run or how often it was interrupted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Config, config_for_checkpoint
from cnntrain.data import Dataset
from cnntrain.nn.network import Network
from cnntrain.training.trainer import Trainer

Array = NDArray[Any]
MEMORY = "optimizer/"  # before the names of the optimizer's arrays


def arrays(trainer: Trainer) -> dict[str, Array]:
    """The arrays of a checkpoint by name: parameters, and the optimizer's memory."""
    memory = {f"{MEMORY}{name}": array for name, array in trainer.memory.items()}
    return {**trainer.network.named_parameters(trainer.w), **memory}


def metadata(config: Config, dataset: Dataset, trainer: Trainer) -> dict[str, Any]:
    """What a checkpoint says besides its arrays and the counters of the run."""
    return {
        "config": config_for_checkpoint(config),
        "epoch": trainer.at.epoch - (1 if trainer.at.batch else 0),  # complete ones
        "step": trainer.at.step,
        "samples": trainer.at.samples,
        "trainer": trainer.state(),
        "input_shape": list(dataset.input_shape),
        "outputs": dataset.outputs,
        "class_names": dataset.class_names,
        "standardizer": dataset.standardizer.to_json(),
        "data_sha256": dataset.fingerprint,
        "split_sha256": dataset.split_hash,
    }


def restore(trainer: Trainer, held: dict[str, Array], said: dict[str, Any]) -> None:
    """Bring `trainer` to the state of a checkpoint's arrays and metadata.

    Raises KeyError, TypeError or ValueError where they do not fit.
    """
    w = parameters(trainer.network, held)
    memory = {
        name.removeprefix(MEMORY): array.copy()
        for name, array in held.items()
        if name.startswith(MEMORY)
    }
    trainer.restore(said["trainer"], w, memory)


def parameters(network: Network, held: dict[str, Array]) -> Array:
    """The flat parameter vector in a checkpoint's arrays.  Raises KeyError or ValueError."""
    w = np.empty(network.parameters.count, dtype=network.dtype)
    for name, view in network.named_parameters(w).items():
        if held[name].shape != view.shape or held[name].dtype != view.dtype:
            raise ValueError(f"{name} does not have the shape that its config gives it")
        view[...] = held[name]
    return w
