"""Checks across keys, which a schema cannot express: whether the parts of a config fit together.

These checks look at plain values that may be wrong in other ways, and then stay silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnntrain.config.layer_lists import lists_of, names_of, text_of, value_of
from cnntrain.config.messages.steps import check_steps
from cnntrain.config.source.positions import KeyPath, Problem, dotted
from cnntrain.data.augment import AUGMENTATIONS
from cnntrain.data.sources import SOURCES, Source
from cnntrain.metrics import MEASURES
from cnntrain.nn.initializers import INITIALIZERS
from cnntrain.nn.layers import LAYERS
from cnntrain.nn.losses import LOSSES
from cnntrain.optim.stopping import EarlyStopping
from cnntrain.text import printable

RESERVED = {"optimizer": "what the optimizer remembers", "average": "averaged weights"}


def check(values: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of `values` as a whole."""
    layers = values.get("layers")
    lists = [*lists_of(layers)] if isinstance(layers, list) else []
    if isinstance(layers, list) and layers:
        for path, inner in lists:
            yield from _names(path, inner)
            yield from _sides(path, inner)
        yield from _probabilities(layers, values.get("loss"))
        yield from _symmetric(layers)
    yield from _augmentations(values.get("augment"))
    yield from _metrics(values.get("metrics"))
    yield from _rates(values)
    yield from check_steps(values, lists)
    yield from _convergence(values.get("convergence"))
    data = values.get("data")
    if isinstance(data, Mapping) and (source := SOURCES.get(data)) is not None:
        yield from _source(source, data)
        yield from _early_stopping(values.get("early_stopping"), source, data)


def _names(path: KeyPath, layers: list[Any]) -> Iterator[Problem]:
    names = names_of(layers)
    for index, name in enumerate(names):
        if name in RESERVED and len(path) == 1:
            yield Problem(
                (*path, index, "name"),
                f"invalid layers.{index}.name, found {name}, expected another name (under this one "
                f"checkpoints keep {RESERVED[name]})",
            )
        first = names.index(name)
        if first == index or not name:
            continue
        given = index if text_of(layers[index], "name") else first
        other = first if given == index else index
        at = (*path, given, "name")
        if text_of(layers[other], "name"):
            yield Problem(
                at,
                f"duplicate {dotted(at)} {printable(name)}, first given to "
                f"{dotted((*path, other))}, expected another name",
            )
        elif text_of(layers[given], "name"):
            yield Problem(
                at,
                f"invalid {dotted(at)}, found {printable(name)}, which is the name that "
                f"{dotted((*path, other))} has by default, expected another one (or name that "
                "layer, too)",
            )


def _sides(path: KeyPath, layers: list[Any]) -> Iterator[Problem]:
    """A layer of a block may not be called as the block calls a list of others."""
    for index, layer in enumerate(layers):
        kind = LAYERS.get(layer)
        if kind is None or not isinstance(inner := value_of(layer, "layers"), list):
            continue
        for number, name in enumerate(names_of(inner)):
            if name in kind.holds:
                at = (*path, index, "layers", number, "name")
                yield Problem(
                    at,
                    f"invalid {dotted(at)}, found {name}, which is a key of {kind.word()}, "
                    "expected another name",
                )


def _probabilities(layers: list[Any], loss: Any) -> Iterator[Problem]:
    """Outputs that sum to 1 stand last, and there where the loss takes labels."""
    names, last = names_of(layers), len(layers) - 1
    for path, inner in lists_of(layers):
        for index, layer in enumerate(inner):
            kind, at = LAYERS.get(layer), (*path, index)
            if kind is not None and kind.outputs_probabilities and at != ("layers", last):
                yield Problem(
                    (*at, "type"),
                    f"invalid {dotted(at)} ({printable(names_of(inner)[index])}), found "
                    f"{kind.word()} before the last layer, expected it as the last one only "
                    "(move it to the end)",
                )
    end, taken = LAYERS.get(layers[-1]), LOSSES.get(loss)
    if end and taken and taken.needs_labels and not end.outputs_probabilities:
        yield Problem(
            ("layers", last),
            f"invalid last layer, layers.{last} ({printable(names[last])}), found {end.word()}, "
            f"expected softmax for loss {taken.word()} (add {{type: softmax}} at the end)",
        )


def _symmetric(layers: list[Any]) -> Iterator[Problem]:
    """Units of a hidden layer that have the same weights compute the same, and nothing but other
    weights in the next layer can part them.  In a residual block the sum parts those of the last
    layer."""
    for path, inner in lists_of(layers):
        kinds = [LAYERS.get(layer) for layer in inner]
        weighty = [i for i, kind in enumerate(kinds) if kind and "init" in kind.model_fields]
        blocks = [i for i, kind in enumerate(kinds) if kind and kind.holds]
        last = max([*weighty, *blocks], default=0)
        for index in weighty:
            init = INITIALIZERS.get(value_of(inner[index], "init"))
            if index != last and init is not None and not init.breaks_symmetry:
                at = (*path, index, "init")
                yield Problem(
                    at,
                    f"invalid {dotted(at)}, found {init.word()} in a hidden layer, expected "
                    "random weights (with the same ones all its units compute the same: random "
                    "ones break the symmetry)",
                )


def _augmentations(augment: Any) -> Iterator[Problem]:
    for index, values in enumerate(augment if isinstance(augment, list) else ()):
        kind = AUGMENTATIONS.get(values)
        for key, message in kind.problems(values) if kind is not None else ():
            path = ("augment", index) if key is None else ("augment", index, key)
            yield Problem(path, f"{dotted(path)} {message}")


def _source(source: type[Source], data: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _fold(data)
    if not source.may_hold_groups and data.get("group", "none") != "none":
        message = f"data.group, but {source.word()} knows no groups (remove it)"
        yield Problem(("data", "group"), message, on_key=True)
    for key, message in source.problems(data):
        if key is None:
            yield Problem(("data",), message)
        else:
            yield Problem(("data", key), message, on_key=True)


def _fold(data: Mapping[str, Any]) -> Iterator[Problem]:
    """A fold is the validation part, and one of those that there are."""
    fold = data.get("fold", "none")
    if fold == "none":
        return
    if data.get("validation", "none") != "none":
        message = "data.fold beside data.validation, expected one or the other (remove one)"
        yield Problem(("data", "fold"), message, on_key=True)
    of, index = (fold.get(key) for key in ("of", "index")) if isinstance(fold, Mapping) else (0, 0)
    if type(of) is int and type(index) is int and 2 <= of <= index:
        yield Problem(
            ("data", "fold", "index"),
            f"invalid data.fold.index, found {index}, expected 0 to {of - 1}, as data.fold.of is "
            f"{of}",
        )


def _early_stopping(
    stopping: Any, source: type[Source], data: Mapping[str, Any]
) -> Iterator[Problem]:
    """Where files may bring a validation part of their own, that shows only when they are read."""
    if not isinstance(stopping, Mapping) or source.may_hold_validation:
        return
    monitor = stopping.get("monitor", EarlyStopping.model_fields["monitor"].default)
    if monitor not in MEASURES or not MEASURES[monitor].validated:
        return
    if data.get("validation", "none") == data.get("fold", "none") == "none":
        yield Problem(
            ("early_stopping",),
            "early_stopping without a validation part, found data.validation: none, expected a "
            "fraction or a count (set data.validation or data.fold, or early_stopping: none)",
        )


def _rates(values: Mapping[str, Any]) -> Iterator[Problem]:
    """There is a learning rate, or there are phases of which only the last has no end."""
    phases = values.get("phases", "none")
    if phases == "none":
        if values.get("optimizer") == "none":
            yield Problem(
                ("optimizer",),
                "optimizer: none without phases, expected a mapping such as {type: sgd}",
            )
        if values.get("learning_rate") == "none":
            yield Problem(
                ("learning_rate",), "learning_rate: none without phases, expected a number > 0"
            )
    elif isinstance(phases, list):
        for index, phase in enumerate(phases[:-1]):
            if isinstance(phase, Mapping) and phase.get("until", "end") == "end":
                yield Problem(
                    ("phases", index),
                    f"missing key phases.{index}.until, expected {{epochs: N}} or plateau "
                    "(only the last phase lasts to the end)",
                )


def _metrics(metrics: Any) -> Iterator[Problem]:
    for index, name in enumerate(metrics if isinstance(metrics, list) else []):
        if name in metrics[:index]:
            first = metrics.index(name)
            yield Problem(
                ("metrics", index),
                f"duplicate metrics.{index} {printable(name)}, first given as metrics.{first}",
            )


def _convergence(rule: Any) -> Iterator[Problem]:
    bounds = ("step_norm", "loss_decrease")
    if isinstance(rule, Mapping) and all(rule.get(key, "none") == "none" for key in bounds):
        yield Problem(
            ("convergence",),
            "convergence without a bound, expected step_norm or loss_decrease or both",
        )
