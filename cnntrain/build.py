"""From a config to the things it describes: network, phases of training."""

from __future__ import annotations

import numpy as np

from cnntrain.config import Config
from cnntrain.config.optimizers import AnyOptimizer
from cnntrain.config.rates import LearningRate
from cnntrain.errors import ConfigError, ShapeError
from cnntrain.nn.cpu import usable_cores
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.network import Network
from cnntrain.nn.workers import Workers
from cnntrain.optim import OPTIMIZERS, SCHEDULES, Optimizer
from cnntrain.optim.phases import Phase
from cnntrain.optim.plateau import Plateau
from cnntrain.optim.schedules import warmed_up


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
    if config.phases == "none":
        assert config.optimizer != "none"
        assert config.learning_rate != "none"
        optimizer = _optimizer(config.optimizer, network)
        return [_phase(optimizer, config.learning_rate, config.epochs, steps_per_epoch)]
    phases = []
    for described in config.phases:
        until = described.until
        epochs = None if isinstance(until, str) else until.epochs
        optimizer = _optimizer(described.optimizer, network)
        rate = described.learning_rate
        phase = _phase(optimizer, rate, epochs or config.epochs, steps_per_epoch)
        phase.epochs, phase.until_plateau = epochs, until == "plateau"
        if phase.until_plateau and phase.plateau is None:
            phase.plateau = Plateau()
        phases.append(phase)
    return phases


def _phase(
    optimizer: Optimizer, described: LearningRate, epochs: int, steps_per_epoch: int
) -> Phase:
    """One phase of `epochs` epochs, so far as its schedule depends on them."""
    settings = described.model_dump(exclude={"schedule", "warm_up", "on_plateau"})
    name = described.schedule
    schedule = SCHEDULES[name](epochs=epochs, **settings)
    plateau = described.on_plateau
    return Phase(
        optimizer=optimizer,
        schedule=warmed_up(schedule, described.warm_up, steps_per_epoch),
        plateau=None if plateau == "none" else Plateau(**plateau.model_dump()),
        stepwise=name in {"step", "multistep"},
    )


def _optimizer(described: AnyOptimizer, network: Network) -> Optimizer:
    """Weight decay acts on the network's weights, not on biases."""
    decayed = np.zeros(network.parameters.count, dtype=network.dtype)
    for entry in network.parameters:
        entry.view(decayed)[...] = entry.name == "weight"
    return OPTIMIZERS[described.type](decayed, **described.model_dump(exclude={"type"}))
