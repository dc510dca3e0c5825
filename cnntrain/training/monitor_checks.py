"""Checks that monitored values exist: a validation part, class labels to count errors on."""

from __future__ import annotations

from collections.abc import Iterator

from cnntrain.config import Config
from cnntrain.config.source.positions import KeyPath, dotted
from cnntrain.data import Dataset
from cnntrain.errors import ConfigError
from cnntrain.metrics import MEASURES


def check_monitors(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError, with a line for each, where a rule watches, or `metrics` asks for, a
    column of metrics.csv that these data do not give."""
    problems = []
    for path, column in monitors(config, dataset.validation is not None):
        if found := _lack(config, dataset, column):
            lack, remedy = found
            problems.append(
                f"{config.locate(path)}: error: {dotted(path)} watches {column}, but {lack} "
                f"({remedy}, or {dotted(path)}: none)"
            )
    for number, column in enumerate(config.metrics if config.metrics != "none" else ()):
        path = ("metrics", number)
        if found := _lack(config, dataset, column):
            problems.append(
                f"{config.locate(path)}: error: {dotted(path)} is {column}, but {found[0]} "
                f"({found[1].replace('monitor a loss', 'leave it out')}, or metrics: none)"
            )
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


def monitors(config: Config, validated: bool) -> Iterator[tuple[KeyPath, str]]:
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
