"""From a config to the network that it describes."""

from __future__ import annotations

import numpy as np

from cnntrain.config import Config
from cnntrain.errors import ConfigError, ShapeError
from cnntrain.nn.execution.cpu import usable_cores
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network


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
