"""Random configs that are right, made from what layers, optimizers, ... say of their settings.

Values come from the JSON Schema, so that a new kind joins by itself.  What no schema can say is
seen to here: that layers fit together, and that what a rule watches is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from random_data import with_files
from random_settings import FAMILIES, Values, kinds, others, phases

from cnntrain.data import Dataset, load_dataset
from cnntrain.data.augment import AUGMENTATIONS
from cnntrain.data.sources import SOURCES
from cnntrain.data.sources.toy2d import Toy2d
from cnntrain.errors import ShapeError
from cnntrain.metrics import MEASURES
from cnntrain.nn.initializers import INITIALIZERS
from cnntrain.nn.layers import LAYERS, Block
from cnntrain.nn.losses import LOSSES
from cnntrain.nn.nodes import line
from cnntrain.nn.shape_checks import shapes_between
from cnntrain.nn.shapes import MisfitError, Shape
from cnntrain.optim.methods import OPTIMIZERS
from cnntrain.optim.methods.optimizer import GradientMethod

LARGEST = 3072  # numbers that a layer puts out for a sample: a run takes a moment


@st.composite
def configs(draw: st.DrawFn, folder: Path, key: str = "", word: str = "") -> Values:
    """A config for two epochs, as plain values, with its data in `folder`.

    key, word   what it must hold, such as "optimizer" and "adam"
    """

    def chosen(family: str) -> str:
        words = [kind.word() for kind in FAMILIES[family] if not images or kind is not Toy2d]
        return word if family == key else draw(st.sampled_from(words))

    images = key in ("augment", "layers")
    loss = LOSSES[chosen("loss")]
    labels = loss.needs_labels or draw(st.booleans())
    data = with_files(draw, draw(kinds("data", chosen("data"))), folder, labels, images)
    dataset = load_dataset(SOURCES.validate(data))
    values: Values = {
        **draw(others()),
        "data": data,
        "loss": draw(kinds("loss", loss.word())),
        "epochs": 2,
        **{
            family: draw(kinds(family, chosen(family))) for family in ("optimizer", "learning_rate")
        },
    }
    if draw(st.booleans()):
        _add_phases(draw, values)
    stretches = values.get("phases", [values])
    methods = [OPTIMIZERS.get(phase.get("optimizer")) for phase in stretches]
    jvp = any(method is not None and method.needs_jvp for method in methods)
    values["layers"] = _layers(draw, dataset, jvp, word if key == "layers" else "")
    if "batch_norm" in repr(values["layers"]) and values["batch_size"] == 1:
        values["batch_size"] = "full"  # one sample has no statistics
    if len(dataset.input_shape) == 3:  # measured alike in training and by `evaluate`
        values["evaluate"] = dict.fromkeys(("flip", "in_training"), draw(st.booleans()))
    if augment := _augment(draw, dataset, word if key == "augment" else ""):
        values["augment"] = augment
    if any(method is not None and not issubclass(method, GradientMethod) for method in methods):
        _step_along_no_gradient(values)
    _watch_what_is_there(values, stretches, dataset)
    _weigh_the_classes_there(values["loss"], dataset)
    return values


def _step_along_no_gradient(values: Values) -> None:
    """Without the keys that shape a step along one gradient."""
    values.pop("gradient_clip", None)
    waiting = list(values["layers"])
    while waiting:
        layer = waiting.pop()
        layer.pop("rate_factor", None)
        for key in ("layers", "shortcut"):
            waiting += layer[key] if isinstance(layer.get(key), list) else []


def _add_phases(draw: st.DrawFn, values: Values) -> None:
    """One phase or two, the first one with the optimizer and the rate that are there."""
    values["phases"] = draw(phases())
    values["phases"][0] |= {key: values.pop(key) for key in ("optimizer", "learning_rate")}
    for phase in values["phases"][:-1]:
        phase["until"] = draw(st.sampled_from([{"epochs": 1}, "plateau"]))


def _layers(draw: st.DrawFn, dataset: Dataset, jvp: bool, word: str) -> list[Values]:
    """Layers from the inputs of `dataset` to its outputs.

    jvp    whether all must have a directional derivative
    word   the kind that one of them must be, "" for any
    """
    shape = dataset.input_shape
    shape = (shape[-1], *shape[:-1]) if len(shape) == 3 else shape
    words = [kind.word() for kind in LAYERS]
    drawn = draw(st.lists(st.sampled_from(words), min_size=1, max_size=4))
    layers: list[Values] = []
    for kind in [word, *drawn] if word else drawn:
        layer = _layer(draw, kind)
        inner = kind if "layers" not in layer else layer["layers"][0]["type"]
        if (jvp and not LAYERS[inner].has_jvp()) or LAYERS[inner].outputs_probabilities:
            continue
        if LAYERS[inner].needs_vectors and len(shape) == 3:
            shape = _append(layers, {"type": "flatten"}, shape)
        shape = _append(layers, layer, shape)
    if len(shape) == 3:
        shape = _append(layers, {"type": "flatten"}, shape)
    _append(layers, {**draw(kinds("layers", "dense")), "units": dataset.outputs}, shape)
    if draw(st.booleans()):
        layers[0]["name"] = "first"
    return [*layers, {"type": "softmax"}] if dataset.classes else layers


def _layer(draw: st.DrawFn, word: str) -> Values:
    """A layer of the kind `word`, which may be a block."""
    if issubclass(LAYERS[word], Block):
        keeping = [kind.word() for kind in LAYERS if getattr(kind, "keeps_shape", False)]
        inner = [
            _layer(draw, draw(st.sampled_from(keeping))) for _ in range(draw(st.integers(1, 2)))
        ]
        if word == "repeat":
            return {"type": word, "times": draw(st.integers(1, 3)), "layers": inner[:1]}
        shortcut = {"shortcut": inner[1:]} if inner[1:] else {}
        return {"type": word, "layers": inner[:1], **shortcut}
    layer: Values = draw(kinds("layers", word))
    init = INITIALIZERS.get(layer.get("init"))
    if init is not None and not init.breaks_symmetry:
        del layer["init"]
    return layer


def _append(layers: list[Values], layer: Values, shape: Shape) -> Shape:
    """Add a layer if it takes inputs of `shape`; what comes out of the last one."""
    made = LAYERS.validate(layer)
    try:
        after = shapes_between(line([made]).nodes, (*shape[1:], shape[0]))[-1]
    except ShapeError:
        return shape
    if np.prod(after) > LARGEST:
        return shape
    layers.append(layer)
    return after


def _augment(draw: st.DrawFn, dataset: Dataset, word: str) -> list[Values]:
    """Augmentations that suit the inputs of `dataset`."""
    words = [kind.word() for kind in AUGMENTATIONS]
    drawn = draw(st.lists(st.sampled_from(words), max_size=2))
    kept = []
    for kind in [word, *drawn] if word else drawn:
        values = draw(kinds("augment", kind))
        if [*AUGMENTATIONS[kind].problems(values)]:
            continue
        try:
            AUGMENTATIONS.validate(values).check_input(dataset.input_shape)
        except MisfitError:
            continue
        kept.append(values)
    return kept


def _watch_what_is_there(values: Values, phases: list[Values], dataset: Dataset) -> None:
    """Rules watch a validation part and errors only where there are such."""
    rates = [phase["learning_rate"] for phase in phases]
    rules = [rate.get("on_plateau") for rate in rates if isinstance(rate, Mapping)]
    if isinstance(values.get("early_stopping"), Mapping):
        rules.append(values["early_stopping"])
        rules[-1].setdefault("monitor", "validation_error")
    for rule in rules:
        if isinstance(rule, dict) and not _is_there(rule.get("monitor"), values, dataset):
            rule["monitor"] = "train_loss"
    if isinstance(asked := values.get("metrics"), list):
        values["metrics"] = [m for m in asked if _is_there(m, values, dataset)] or "none"
    if not dataset.classes:
        values.pop("target_error", None)
    if isinstance(rule := values.get("convergence"), dict):
        rule["step_norm"] = 0.001  # one bound at least


def _is_there(column: str | None, values: Values, dataset: Dataset) -> bool:
    if column is None:
        return True
    measure = MEASURES[column]
    if measure.validated and not dataset.validation:
        return False
    if measure.full and values.get("evaluate_train") != "full":
        return False
    if measure.average and values.get("average", "none") == "none":
        return False
    return (dataset.classes or 0) >= measure.classes


def _weigh_the_classes_there(loss: Any, dataset: Dataset) -> None:
    """A number for each class where there is a list, a name that there is in a mapping."""
    weights = loss.get("class_weights") if isinstance(loss, dict) else None
    if isinstance(weights, list):
        loss["class_weights"] = [*weights, *[1.5] * 10][: dataset.outputs]
    elif isinstance(weights, dict):
        loss["class_weights"] = dict(zip(dataset.class_names or (), weights.values(), strict=False))
