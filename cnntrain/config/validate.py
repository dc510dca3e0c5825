"""From plain values to a checked Config, with all that is wrong in one report."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pydantic import ValidationError

from cnntrain.config.layer_lists import names_of
from cnntrain.config.messages.checks import check
from cnntrain.config.messages.freeze import check_freeze
from cnntrain.config.messages.warnings import warnings
from cnntrain.config.schema import Config
from cnntrain.config.source.positions import KeyPath, Located, Place, Positions, Problem
from cnntrain.errors import ConfigError, ShapeError
from cnntrain.nn.initializers import NEAR_ORIGIN
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.nodes import line
from cnntrain.settings.slots import Slot


def validate(
    values: Any,
    positions: Positions,
    found: Iterable[Located] = (),
    unreadable: Collection[KeyPath] = (),
) -> Config:
    """The config that `values` describe.

    found        problems that reading the values has met already
    unreadable   paths of values that are missing because of those; nothing more is said of them

    Raises ConfigError with all problems, in the order of their places.
    """
    values = Slot((Config,)).written_out(values)
    problems, plain = list(found), _normalised(values)
    config: Config | None = None
    try:
        config = Config.model_validate(plain)
    except ValidationError as error:
        from cnntrain.config.messages.explain import explain, with_others

        explained, meant = explain(error, plain)
        problems += [_locate(problem, positions) for problem in _outside(explained, unreadable)]
        values = with_others(values, meant)
    if config is not None:
        try:
            nodes = line(config.layers).nodes
        except ShapeError as error:
            problems.append(_locate(Problem(error.path, str(error)), positions))
        else:
            problems += [_locate(problem, positions) for problem in check_freeze(config, nodes)]
    if isinstance(values, dict):
        problems += [_locate(problem, positions) for problem in _outside(check(values), unreadable)]
    if problems or config is None:
        raise ConfigError([_line(*located) for located in sorted(problems)])
    config._positions = positions
    config._warnings = tuple(warnings(values, config))
    return config


def _normalised(values: Any) -> Any:
    """`values` without what phases win over, with a name for every layer, and initial weights for
    the one that feeds the loss."""
    if not isinstance(values, dict):
        return values
    made = {**values}
    if values.get("phases", "none") != "none":
        made["optimizer"] = made["learning_rate"] = "none"
    if isinstance(layers := values.get("layers"), list):
        made["layers"] = _named(layers)
        _start_near_the_origin(made["layers"])
    return made


def _named(layers: list[Any]) -> list[Any]:
    """`layers`, and those in blocks, with names."""
    made = list(layers)
    for index, (layer, name) in enumerate(zip(layers, names_of(layers), strict=True)):
        if (kind := LAYERS.get(layer)) is not None:
            held = {
                key: _named(layer[key]) for key in kind.holds if isinstance(layer.get(key), list)
            }
            made[index] = {"name": name, **layer, **held}
    return made


def _start_near_the_origin(layers: list[Any]) -> None:
    """Give the last layer with weights, unless it is in a block, its own default for their initial
    values."""
    for index in reversed(range(len(layers))):
        kind = LAYERS.get(layers[index])
        if kind is not None and kind.holds:
            return
        if kind is not None and "init" in kind.model_fields:
            layers[index] = {"init": NEAR_ORIGIN, **layers[index]}
            return


def _outside(problems: Iterable[Problem], unreadable: Collection[KeyPath]) -> list[Problem]:
    return [
        problem
        for problem in problems
        if not any(problem.path[: len(missing)] == missing for missing in unreadable)
    ]


def _locate(problem: Problem, positions: Positions) -> Located:
    place = positions.key(problem.path) if problem.on_key else positions.value(problem.path)
    return place or NOWHERE, problem.message


NOWHERE = Place(0, 0, 0, "")


def _line(place: Place, message: str) -> str:
    return message if place == NOWHERE else f"{place}: error: {message}"
