"""From a config to the things it describes: network, phases of training."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Config
from cnntrain.config.optimizers import AnyOptimizer
from cnntrain.errors import ConfigError, ShapeError
from cnntrain.nn.execution.cpu import usable_cores
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network
from cnntrain.optim import OPTIMIZERS, SCHEDULES, Optimizer
from cnntrain.optim.phases import Phase
from cnntrain.optim.plateau import Plateau
from cnntrain.optim.schedules import warm_up


def build_network(config: Config, input_shape: tuple[int, ...], classes: int) -> Network:
    """The network of `config` for samples of `input_shape`, (H, W, C), (H, W) or (d,).

    classes: the number of classes, or of entries in a target vector.  What `config.data` says
    plays no part.  Raises ConfigError, located in the config, where layers do not fit together.
    """
    shape = (*input_shape, 1) if len(input_shape) == 2 else tuple(input_shape)
    compute, layers = config.compute, []
    for layer in config.layers:
        settings = layer.model_dump(exclude={"type", "name"})
        if layer.type == "conv":
            settings["algorithm"] = compute.conv
        layers.append(LAYERS[layer.type](**settings))
    try:
        return Network(
            layers=layers,
            names=[str(layer.name) for layer in config.layers],
            loss=LOSSES[config.loss](),
            input_shape=shape,
            outputs=classes,
            dtype=np.dtype(compute.dtype),
            workers=Workers(usable_cores() if compute.workers == "auto" else compute.workers),
            chunk=None if compute.chunk == "auto" else compute.chunk,
        )
    except ShapeError as error:
        raise ConfigError([f"{config.locate(error.path)}: error: {error}"]) from None


def build_phases(config: Config, network: Network, steps_per_epoch: int) -> list[Phase]:
    """The stretches of training that `config` describes, one after the other."""
    phases, left = [], config.epochs
    for stage in config.stages.values():
        rate, saturation = stage.learning_rate, stage.saturation
        settings = rate.model_dump(exclude={"schedule", "warm_up", "on_plateau"})
        # A run may go on for longer than the phases that have a number of epochs leave.
        length = stage.epochs or max(left, 1)
        phases.append(
            Phase(
                optimizer=_optimizer(stage.optimizer, network),
                schedule=SCHEDULES[rate.schedule](epochs=length, **settings),
                warm_up=warm_up(rate.warm_up, steps_per_epoch),
                plateau=None if saturation is None else Plateau(**saturation.model_dump()),
                epochs=stage.epochs,
                until_plateau=stage.until == "plateau",
                stepwise=rate.stepwise,
            )
        )
        left -= stage.epochs or 0
    return phases


def _optimizer(described: AnyOptimizer, network: Network) -> Optimizer:
    """Weight decay, of those methods that know it, acts on the network's weights alone."""
    settings = described.model_dump(exclude={"type"})
    if "weight_decay" in settings:
        settings["decay"] = _decay(settings.pop("weight_decay"), network)
    return OPTIMIZERS[described.type](**settings)


def _decay(weight_decay: float, network: Network) -> NDArray[Any] | None:
    """lambda for each entry of w: `weight_decay` for weights, 0 for biases; None: 0 for all."""
    if weight_decay == 0:
        return None
    decay = np.zeros(network.parameters.count, dtype=network.dtype)
    for entry in network.parameters:
        entry.view(decay)[...] = weight_decay if entry.name == "weight" else 0
    return decay
