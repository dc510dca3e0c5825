"""Checks that monitored values exist: a validation part, class labels to count errors on."""

from __future__ import annotations

from collections.abc import Iterator

from cnntrain.config import Config
from cnntrain.config.source.positions import KeyPath, dotted
from cnntrain.data import Dataset
from cnntrain.errors import ConfigError


def check_monitors(config: Config, dataset: Dataset) -> None:
    """Raise ConfigError, with a line for each, where a rule watches a column of metrics.csv that is
    empty for these data."""
    problems = []
    for path, column in monitors(config, dataset.validation is not None):
        if column.startswith("validation") and dataset.validation is None:
            lack, remedy = "there is no validation part", "set data.validation"
        elif column.endswith("error") and dataset.classes is None:
            lack, remedy = "the targets are real numbers", "monitor a loss"
        else:
            continue
        problems.append(
            f"{config.locate(path)}: error: {dotted(path)} watches {column}, but {lack} "
            f"({remedy}, or {dotted(path)}: none)"
        )
    if problems:
        raise ConfigError(problems)


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
