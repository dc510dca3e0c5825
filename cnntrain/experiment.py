"""From a config to an experiment: its data, a network that fits them, and batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from cnntrain.config import Config, ConfigSource, as_config
from cnntrain.config.against_data import (
    check_images,
    check_optimizers,
    check_statistics,
    check_targets,
)
from cnntrain.config.messages.warnings import located
from cnntrain.config.source.positions import KeyPath
from cnntrain.data import Batches, Dataset, load_dataset
from cnntrain.data.augment import Augmenter
from cnntrain.errors import ConfigError, ShapeError
from cnntrain.nn.engines.choice import NoEngineError, engine
from cnntrain.nn.execution.cpu import usable_cores
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.frozen import frozen
from cnntrain.nn.losses.class_weights import ClassWeightsError, for_classes
from cnntrain.nn.network import Network
from cnntrain.nn.nodes import line
from cnntrain.text import pluralize


class Experiment(NamedTuple):
    """The data of a config, its network, and how an epoch is cut into batches."""

    dataset: Dataset
    network: Network
    batches: Batches


def load_data(config: ConfigSource) -> Dataset:
    """The data of `config` as a run splits them: `train`, `validation` and `test`, each with its
    raw `x` (n, H, W, C) or (n, d) and its labels or targets `y`; None for a part that is not there.

    config   a Config, the path of a config file, or a mapping

    >>> data = cnntrain.load_data("digits.yaml")  # from `cnntrain init digits`
    >>> data.train.x.shape, data.train.y.shape
    ((1294, 8, 8, 1), (1294,))
    >>> data.class_names[data.train.y[0]]
    '0'

    Raises ConfigError where the config is wrong, DataError where the data cannot be used.
    """
    config = as_config(config)
    return load_dataset(config.data, _classes(config))


def set_up(config: Config) -> Experiment:
    """Load the data that `config` describes, and build what they go through; how a batch is
    augmented is part of the data.

    Raises DataError where the data cannot be used, and ConfigError, located in the config, where
    layers, loss, optimizer and data do not fit together.
    """
    dataset = load_data(config)
    check_targets(config, dataset)
    check_images(config, dataset)
    if config.augment != "none":
        augment = Augmenter(config.augment, dataset.train, config.seed, dataset.classes)
        dataset = replace(dataset, augment=augment)
    weights = _class_weights(config, dataset)
    network = build_network(config, dataset.input_shape, dataset.outputs, weights)
    check_optimizers(config, network)
    batches = Batches(len(dataset.train), config.batch_size, config.seed, config.drop_last)
    check_statistics(config, network, batches)
    return Experiment(dataset, network, batches)


def warnings(config: Config, dataset: Dataset, batches: Batches) -> tuple[str, ...]:
    """What is legal and probably a mistake: in the config, by the size of the data, in the data."""
    steps = config.epochs * batches.steps_per_epoch
    every: dict[KeyPath, Any] = {
        ("record_steps",): config.record_steps,
        ("checkpoint", "every_steps"): config.checkpoint.every_steps,
    }
    if config.average != "none":
        every["average", "every"] = config.average.every
    too_late = tuple(
        located(config, path, f"is {number}, with {pluralize(steps, 'step')}: it never happens")
        for path, number in every.items()
        if number != "none" and number > steps
    )
    return (*config.warnings, *too_late, *dataset.warnings)


def build_network(
    config: Config,
    input_shape: tuple[int, ...],
    outputs: int,
    class_weights: Sequence[float] | None = None,
) -> Network:
    """The network of `config`; what `config.data` says plays no part.

    input_shape   of one sample: (H, W, C), (H, W) or (d,)
    outputs       the number of classes, or of entries in a target vector
    class_weights   those of the loss, where `config` leaves them to the data

    Raises ConfigError, located in the config, where layers do not fit together.

    >>> config = cnntrain.load_config("digits.yaml")
    >>> network = cnntrain.build_network(config, input_shape=(8, 8, 1), outputs=10)
    >>> w = network.initial_parameters(seed=0)
    >>> network.predict(w, np.zeros((5, 8, 8, 1))).shape
    (5, 10)
    """
    compute, loss = config.compute, config.loss
    if class_weights is not None:
        loss = loss.model_copy(update={"class_weights": tuple(class_weights)})
    try:
        return Network(
            layers=config.layers,
            loss=loss,
            input_shape=(*input_shape, 1) if len(input_shape) == 2 else tuple(input_shape),
            outputs=outputs,
            dtype=np.dtype(compute.dtype),
            engine=engine(compute.engine, compute.conv),
            workers=Workers(usable_cores() if compute.workers == "auto" else compute.workers),
            chunk=None if compute.chunk == "auto" else compute.chunk,
            frozen=frozen(line(config.layers).nodes, config.origin.freeze if config.origin else ()),
        )
    except ShapeError as error:
        raise ConfigError([config.problem(error.path, str(error))]) from None
    except NoEngineError as error:
        message = (
            f"compute.engine is compiled, and there is no compiled engine: {error} (auto or numpy)"
        )
        raise ConfigError([config.problem(("compute", "engine"), message)]) from None


def _classes(config: Config) -> int | None:
    """The number of classes that the last layers tell apart, None where they do not say it."""
    if not config.layers[-1].outputs_probabilities:
        return None
    nodes = line(config.layers).nodes
    sized = [node.layer for node in nodes if not node.layer.keeps_shape]
    key = sized[-1].outputs_key if sized else ""
    return getattr(sized[-1], key) if key else None


def _class_weights(config: Config, dataset: Dataset) -> tuple[float, ...] | None:
    """The numbers that the loss weighs classes with; None where it does not."""
    given = getattr(config.loss, "class_weights", "none")
    if given == "none":
        return None
    try:
        return for_classes(given, dataset.train.y, dataset.class_names or ())
    except ClassWeightsError as error:
        path = ("loss", "class_weights", *([error.name] if error.name else []))
        given = path if config.place(path) else ("loss",)
        raise ConfigError([config.problem(given, f"loss.class_weights: {error}")]) from None
