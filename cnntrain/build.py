"""From a config to the things it describes: network, phases of training."""

from __future__ import annotations

import numpy as np

from cnntrain.config import Config, layer_names
from cnntrain.errors import ConfigError, ShapeError
from cnntrain.nn.cpu import usable_cores
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network
from cnntrain.nn.workers import Workers
from cnntrain.optim import OPTIMIZERS, SCHEDULES, Optimizer
from cnntrain.optim.phases import Phase


def build_network(config: Config, input_shape: tuple[int, ...], classes: int) -> Network:
    """The network of `config` for samples of `input_shape`, (H, W, C), (H, W) or (d,).

    classes: the number of classes, or of entries in a target vector.  What `config.data` says
    plays no part.  Raises ConfigError, located in the config, where layers do not fit together.
    """
    shape = (*input_shape, 1) if len(input_shape) == 2 else tuple(input_shape)
    layers = [
        LAYERS[layer.type](**layer.model_dump(exclude={"type", "name"})) for layer in config.layers
    ]
    compute = config.compute
    try:
        return Network(
            layers=layers,
            names=layer_names(config.layers),
            loss=LOSSES[config.loss](),
            input_shape=shape,
            outputs=classes,
            dtype=np.dtype(compute.dtype),
            workers=Workers(usable_cores() if compute.workers == "auto" else compute.workers),
            chunk=None if compute.chunk == "auto" else compute.chunk,
        )
    except ShapeError as error:
        place = config.locate(("layers", error.index))
        raise ConfigError([f"{place}: error: {error}"]) from None


def build_phases(config: Config, network: Network) -> list[Phase]:
    """The stretches of training that `config` describes, one after the other."""
    settings = config.learning_rate.model_dump(exclude={"schedule"})
    name = config.learning_rate.schedule
    return [
        Phase(
            optimizer=_optimizer(config, network),
            schedule=SCHEDULES[name](epochs=config.epochs, **settings),
            stepwise=name in {"step", "multistep"},
        )
    ]


def _optimizer(config: Config, network: Network) -> Optimizer:
    """Weight decay acts on the network's weights, not on biases."""
    decayed = np.zeros(network.parameters.count, dtype=network.dtype)
    for entry in network.parameters:
        entry.view(decayed)[...] = entry.name == "weight"
    settings = config.optimizer.model_dump(exclude={"type"})
    return OPTIMIZERS[config.optimizer.type](decayed, **settings)
