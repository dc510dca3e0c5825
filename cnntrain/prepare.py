"""What a config needs before anything is trained: data, a network that fits them, batches."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cnntrain.build import build_network
from cnntrain.config import Config, load_config
from cnntrain.config.layers import Dense
from cnntrain.data import Batches, Dataset, load_dataset
from cnntrain.errors import ConfigError, DataError
from cnntrain.nn.network import Network


class Prepared(NamedTuple):
    """The data of a config, its network, and how an epoch is cut into batches."""

    dataset: Dataset
    network: Network
    batches: Batches


def load_data(config: Config | str | Path) -> Dataset:
    """The data of `config` as a run splits them: `train`, `validation` and `test`, each with its
    raw `x` (n, H, W, C) or (n, d) and its labels or targets `y`; None for a part that is not there.

    config   a Config, or what `load_config` makes one of

    >>> data = load_data("digits.yaml")  # from `cnntrain init digits`
    >>> data.train.x.shape, data.train.y.shape
    ((1294, 8, 8, 1), (1294,))
    >>> data.class_names[data.train.y[0]]
    '0'

    Raises ConfigError where the config is wrong, DataError where the data cannot be used.
    """
    if not isinstance(config, Config):
        config = load_config(config)
    return load_dataset(config.data, _classes(config))


def prepare(config: Config) -> Prepared:
    """Load the data that `config` describes, and build what they go through.

    Raises DataError where the data cannot be used, and ConfigError, located in the config, where
    layers, loss and data do not fit together.
    """
    dataset = load_data(config)
    _check_targets(config, dataset)
    network = build_network(config, dataset.input_shape, dataset.outputs)
    batches = Batches(len(dataset.train), config.batch_size, config.seed, config.drop_last)
    return Prepared(dataset, network, batches)


def _classes(config: Config) -> int | None:
    """The number of classes that the last layers tell apart, None where they do not say it."""
    if config.layers[-1].type != "softmax":
        return None
    sized = [layer for layer in config.layers if layer.type not in {"relu", "softmax"}]
    return sized[-1].units if sized and isinstance(sized[-1], Dense) else None


def _check_targets(config: Config, dataset: Dataset) -> None:
    """Cross-entropy takes labels, and labels take soft-max outputs, whatever the loss."""
    last, kind = len(config.layers) - 1, config.layers[-1].type
    if config.loss == "cross_entropy" and dataset.classes is None:
        one_hot = dataset.outputs > 1
        way_out = "y.argmax(axis=1) if rows are one-hot" if one_hot else "y as integers"
        raise DataError(
            "y holds real numbers, cross_entropy needs whole-number labels "
            f"(store {way_out}, or set loss: quadratic)"
        )
    if dataset.classes is not None and kind != "softmax":
        raise ConfigError(
            [
                f"{config.locate(('layers', last))}: error: invalid last layer, layers.{last} "
                f"({config.layers[last].name}), found {kind}, expected softmax for class labels "
                "(add {type: softmax} at the end; for a regression store y as real numbers)"
            ]
        )
