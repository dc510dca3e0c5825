"""Checks of a config against the data that it names, and the network that they lead to."""

from __future__ import annotations

from collections.abc import Iterator

from cnntrain.config.schema import Config
from cnntrain.config.source.positions import KeyPath, dotted
from cnntrain.data import Batches, Dataset
from cnntrain.data.arrays import label_advice
from cnntrain.errors import ConfigError, DataError, UsageError
from cnntrain.metrics import MEASURES
from cnntrain.nn.network import Network
from cnntrain.nn.shapes import MisfitError
from cnntrain.text import pluralize


def check_targets(config: Config, dataset: Dataset) -> None:
    """Cross-entropy takes labels, and labels take soft-max outputs, whatever the loss.

    Raises DataError or ConfigError.
    """
    last, layer = len(config.layers) - 1, config.layers[-1]
    if config.loss.needs_labels and dataset.classes is None:
        advice = label_advice(dataset.train.examples.y, "y")
        raise DataError(
            f"y holds real numbers, {config.loss.word()} needs whole-number labels "
            f"({advice}{'; ' if advice else ''}for a regression set loss: quadratic and end with "
            f"{{type: dense, units: {dataset.outputs}}})"
        )
    if dataset.classes is not None and not layer.outputs_probabilities:
        message = (
            f"invalid last layer, layers.{last} ({layer.name}), found {layer.word()}, expected "
            "softmax for class labels (add {type: softmax} at the end; for a regression store y as "
            "real numbers)"
        )
        raise ConfigError([config.problem(("layers", last), message)])


def check_images(config: Config, dataset: Dataset) -> None:
    """Vectors have no mirror image, and augmentations must make sense for the inputs.

    Raises ConfigError.
    """
    if config.evaluate.flip and len(dataset.input_shape) != 3:
        message = (
            "evaluate.flip needs images or signals, found vectors of "
            f"{dataset.input_shape[0]} entries (set it to false)"
        )
        raise ConfigError([config.problem(("evaluate", "flip"), message)])
    for index, kind in enumerate(() if config.augment == "none" else config.augment):
        try:
            kind.check_input(dataset.input_shape)
        except MisfitError as error:
            path = ("augment", index, error.key) if error.key else ("augment", index)
            raise ConfigError([config.problem(path, f"augment.{index}: {error}")]) from None


def check_optimizers(config: Config, network: Network) -> None:
    """Optimizers that ask for Gauss-Newton products need layers with a directional derivative.

    Raises ConfigError.
    """
    places = (network.place(k) for k, one in enumerate(network.all_layers) if not one.has_jvp())
    without = next(places, None)
    for path, phase in config.phase_at.items():
        if without and phase.optimizer.needs_jvp:
            message = (
                f"{phase.optimizer.word()} needs the directional derivative (jvp) of every layer, "
                f"{without} has none (choose another optimizer, or define Layer.jvp)"
            )
            raise ConfigError([config.problem((*path, "optimizer"), message)])


def check_statistics(config: Config, network: Network, batches: Batches) -> None:
    """No batch may be too small for statistics of a batch.  Raises ConfigError."""
    last = batches.samples_per_epoch % batches.batch_size
    for size, hint in ((batches.batch_size, "larger batches"), (last, "drop_last: true")):
        try:
            network.check_statistics(size or batches.batch_size)
        except UsageError as error:
            which = "the last batch of an epoch" if size == last else "a batch"
            message = f"{which} has {pluralize(size, 'sample')}: {error} ({hint})"
            raise ConfigError([config.problem(("batch_size",), message)]) from None


def check_monitors(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError, with a line for each, where a rule watches, or `metrics` asks for, a
    column of metrics.csv that these data do not give."""
    problems = []
    for path, column in _monitors(config, dataset.validation is not None):
        if found := _lack(config, dataset, column):
            lack, remedy = found
            way = f"({remedy}, or {dotted(path)}: none)"
            message = f"{dotted(path)} watches {column}, but {lack} {way}"
            problems.append(config.problem(path, message))
    for number, column in enumerate(config.metrics if config.metrics != "none" else ()):
        path = ("metrics", number)
        if found := _lack(config, dataset, column):
            way = f"({found[1].replace('monitor a loss', 'leave it out')}, or metrics: none)"
            message = f"{dotted(path)} is {column}, but {found[0]} {way}"
            problems.append(config.problem(path, message))
    if problems:
        raise ConfigError(problems)


def _lack(config: Config, dataset: Dataset, column: str) -> tuple[str, str] | None:
    """What `column` needs and does not find, and the way out."""
    measure = MEASURES[column]
    if measure.validated and dataset.validation is None:
        return "there is no validation part", "set data.validation"
    if measure.classes and dataset.classes is None:
        return "the targets are real numbers", "monitor a loss"
    if dataset.classes is not None and dataset.classes < measure.classes:
        return f"there are {dataset.classes} classes", f"it takes {measure.classes} or more"
    if measure.full and config.evaluate_train != "full":
        return "evaluate_train is running", "set evaluate_train: full"
    if measure.average and config.average == "none":
        return "average is none", "set average"
    return None


def _monitors(config: Config, validated: bool) -> Iterator[tuple[KeyPath, str]]:
    """What each rule watches, by the rule's path in the config.

    validated   whether there is a validation part
    """
    if config.early_stopping != "none":
        yield ("early_stopping",), config.early_stopping.monitor
    for path, phase in config.phase_at.items():
        if phase.plateau is not None:
            yield (*path, "learning_rate", "on_plateau"), phase.plateau.monitor
    if config.target_error != "none":
        yield ("target_error",), "validation_error" if validated else "train_error"
