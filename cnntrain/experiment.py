"""From a config to an experiment: its data, a network that fits them, and batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from cnntrain.config import Config, ConfigSource, as_config
from cnntrain.config.messages.warnings import located
from cnntrain.config.source.positions import KeyPath
from cnntrain.data import Batches, Dataset, load_dataset
from cnntrain.data.arrays import label_advice
from cnntrain.data.augment import Augmenter
from cnntrain.errors import ConfigError, DataError, ShapeError, UsageError
from cnntrain.nn.engines.choice import NoEngineError, engine
from cnntrain.nn.execution.cpu import usable_cores
from cnntrain.nn.execution.workers import Workers
from cnntrain.nn.frozen import frozen
from cnntrain.nn.losses.class_weights import ClassWeightsError, for_classes
from cnntrain.nn.network import Network
from cnntrain.nn.nodes import line
from cnntrain.nn.shapes import MisfitError
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
    _check_targets(config, dataset)
    _check_images(config, dataset)
    if config.augment != "none":
        augment = Augmenter(config.augment, dataset.train, config.seed, dataset.classes)
        dataset = replace(dataset, augment=augment)
    weights = _class_weights(config, dataset)
    network = build_network(config, dataset.input_shape, dataset.outputs, weights)
    _check_optimizers(config, network)
    batches = Batches(len(dataset.train), config.batch_size, config.seed, config.drop_last)
    _check_statistics(config, network, batches)
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
        raise ConfigError([f"{config.locate(error.path)}: error: {error}"]) from None
    except NoEngineError as error:
        place = config.locate(("compute", "engine"))
        raise ConfigError(
            [
                f"{place}: error: compute.engine is compiled, and there is no compiled engine: "
                f"{error} (auto or numpy)"
            ]
        ) from None


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
        place = config.place(path) or config.locate(("loss",))
        raise ConfigError([f"{place}: error: loss.class_weights: {error}"]) from None


def _check_targets(config: Config, dataset: Dataset) -> None:
    """Cross-entropy takes labels, and labels take soft-max outputs, whatever the loss."""
    last, layer = len(config.layers) - 1, config.layers[-1]
    if config.loss.needs_labels and dataset.classes is None:
        advice = label_advice(dataset.train.examples.y, "y")
        raise DataError(
            f"y holds real numbers, {config.loss.word()} needs whole-number labels "
            f"({advice}{'; ' if advice else ''}for a regression set loss: quadratic and end with "
            f"{{type: dense, units: {dataset.outputs}}})"
        )
    if dataset.classes is not None and not layer.outputs_probabilities:
        raise ConfigError(
            [
                f"{config.locate(('layers', last))}: error: invalid last layer, layers.{last} "
                f"({layer.name}), found {layer.word()}, expected softmax for class labels "
                "(add {type: softmax} at the end; for a regression store y as real numbers)"
            ]
        )


def _check_images(config: Config, dataset: Dataset) -> None:
    """Vectors have no mirror image, and augmentations must make sense for the inputs."""
    if config.evaluate.flip and len(dataset.input_shape) != 3:
        raise ConfigError(
            [
                f"{config.locate(('evaluate', 'flip'))}: error: evaluate.flip needs images or "
                f"signals, found vectors of {dataset.input_shape[0]} entries (set it to false)"
            ]
        )
    for index, kind in enumerate(() if config.augment == "none" else config.augment):
        try:
            kind.check_input(dataset.input_shape)
        except MisfitError as error:
            place = config.locate(
                ("augment", index, error.key) if error.key else ("augment", index)
            )
            raise ConfigError([f"{place}: error: augment.{index}: {error}"]) from None


def _check_optimizers(config: Config, network: Network) -> None:
    """Optimizers that ask for Gauss-Newton products need layers with a directional derivative."""
    without = next(
        (network.place(k) for k, layer in enumerate(network.all_layers) if not layer.has_jvp()),
        None,
    )
    for path, phase in config.phase_at.items():
        if without and phase.optimizer.needs_jvp:
            word = phase.optimizer.word()
            raise ConfigError(
                [
                    f"{config.locate((*path, 'optimizer'))}: error: {word} needs the directional "
                    f"derivative (jvp) of every layer, {without} has none (choose another "
                    "optimizer, or define Layer.jvp)"
                ]
            )


def _check_statistics(config: Config, network: Network, batches: Batches) -> None:
    """No batch may be too small for statistics of a batch."""
    last = batches.samples_per_epoch % batches.batch_size
    for size, hint in ((batches.batch_size, "larger batches"), (last, "drop_last: true")):
        try:
            network.check_statistics(size or batches.batch_size)
        except UsageError as error:
            which = "the last batch of an epoch" if size == last else "a batch"
            place = config.locate(("batch_size",))
            raise ConfigError(
                [f"{place}: error: {which} has {pluralize(size, 'sample')}: {error} ({hint})"]
            ) from None
