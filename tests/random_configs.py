"""Random configs that are right, made from what layers, optimizers, ... say of their settings.

Values come from the JSON Schema, so that a new kind joins by itself.  What no schema can say is
seen to here: that layers fit together, and that what a rule watches is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from idx_format import idx_bytes
from PIL import Image

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.schema_text import Describer, Schema, tag_of
from cnntrain.data import Dataset, load_dataset
from cnntrain.data.augment import AUGMENTATIONS
from cnntrain.data.csv_files import SEPARATORS
from cnntrain.data.sources import SOURCES
from cnntrain.data.sources.cifar import VERSIONS
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
from cnntrain.optim.schedules import SCHEDULES

Values = dict[str, Any]
FAMILIES = {
    "data": SOURCES,
    "augment": AUGMENTATIONS,
    "layers": LAYERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "learning_rate": SCHEDULES,
}
LARGEST = 3072  # numbers that a layer puts out for a sample: a run takes a moment
NEAR = (0.001, 0.01, 0.1, 0.5)  # real numbers, as distances from the smallest allowed
SEEN_TO = {  # by `configs`
    *FAMILIES,
    *("$schema", "epochs", "evaluate", "phases", "max_minutes", "start_from"),
}


class Settings:
    """Strategies for values that the schema allows, names and paths apart."""

    def __init__(self) -> None:
        self.schema: Schema = full_schema()
        self.describer = Describer(self.schema)

    def value(self, part: Schema, depth: int = 0) -> st.SearchStrategy[Any]:
        """What `part` of the schema allows."""
        members = self.describer.members(part)
        return st.one_of([self._member(m, depth) for m in members if depth < 4 or not _nests(m)])

    def mapping(self, mapping: Schema, depth: int = 0, skip: set[str] = set()) -> Any:  # noqa: B006
        """A mapping with the keys that it must have, and some of the others."""
        keys = {
            key: self.value(part, depth + 1)
            for key, part in mapping["properties"].items()
            if key not in skip and "pattern" not in part
        }
        required = set(mapping.get("required", ()))
        return st.fixed_dictionaries(
            {key: value for key, value in keys.items() if key in required},
            optional={key: value for key, value in keys.items() if key not in required},
        )

    def _member(self, part: Schema, depth: int) -> st.SearchStrategy[Any]:
        if "properties" in part:
            return self.mapping(part, depth)
        if "const" in part or "enum" in part:
            return st.sampled_from([part["const"]] if "const" in part else part["enum"])
        if part["type"] == "boolean":
            return st.booleans()
        if part["type"] == "integer":
            return st.integers(part["minimum"], min(part["minimum"] + 4, part["maximum"]))
        if part["type"] == "number":
            return st.sampled_from(list(_numbers(part)))
        if part["type"] == "string":
            return st.just("5%")
        if part["type"] == "object":  # by names of one's own
            inner = self.value(part["additionalProperties"], depth + 1)
            return st.dictionaries(st.just("name"), inner, min_size=1)
        items = part["items"]
        if isinstance(items, list):
            return st.tuples(*(self.value(item, depth + 1) for item in items)).map(list)
        least, words = part.get("minItems", 0), "enum" in items
        return st.lists(self.value(items, depth + 1), min_size=least, max_size=2, unique=words)


@cache
def settings() -> Settings:
    """Those of the kinds that there are."""
    return Settings()


@cache
def kinds(key: str, word: str) -> st.SearchStrategy[Any]:
    """The kind `word` of the family at the key `key` of the file, or in its list."""
    inner = settings().describer.inner(settings().schema["properties"][key])
    found = [mapping for mapping in inner if (tag_of(mapping) or ())[1:] == (word,)]
    return settings().mapping(found[0]) if found else st.just(word)


@cache
def phases() -> st.SearchStrategy[list[Values]]:
    """One phase or two."""
    (phase,) = settings().describer.inner(settings().schema["properties"]["phases"])
    return st.lists(settings().mapping(phase), min_size=1, max_size=2)


@cache
def others() -> st.SearchStrategy[Values]:
    """The keys of the file that `configs` does not see to."""
    return settings().mapping(settings().schema, skip=SEEN_TO)


def _nests(part: Schema) -> bool:
    """Whether a mapping holds layers again."""
    return "layers" in part.get("properties", {})


def _numbers(part: Schema) -> Iterator[float]:
    """Some numbers between the bounds, and these where they are allowed."""
    low = part.get("minimum", part.get("exclusiveMinimum", 0))
    high = part.get("maximum", part.get("exclusiveMaximum", float("inf")))
    yield from (low + distance for distance in NEAR if low + distance < high)
    yield from (float(part[bound]) for bound in ("minimum", "maximum") if bound in part)


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
    data = _data(draw, chosen("data"), folder, labels, images)
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


# Data ---------------------------------------------------------------------------------------------


def _data(draw: st.DrawFn, word: str, folder: Path, labels: bool, images: bool) -> Values:
    """The section `data` with the source `word`, and its files."""
    section: Values = draw(kinds("data", word))
    for part in ("validation", "test"):
        section[part] = draw(st.sampled_from(["none", 0.25, 5]))
    section["fold"] = "none"
    if section["validation"] == "none":
        section["fold"] = draw(st.sampled_from(["none", {"of": 3, "index": 2}]))
    if word in FILES:
        return FILES[word](draw, section, folder, labels, images)
    return {**section, "test": 1740} if word == "digits" else section


SIZES = {"C": 2, "H": 7, "W": 6, "L": 9}  # of axes


def _npz(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    axes = section.get("axes", "N")
    if images and "W" not in axes:
        section["axes"] = axes = "NHWC"
    shapes = [tuple(SIZES[axis] for axis in axes[1:])] if axes[1:] else [(9,), (7, 7)]
    random = np.random.default_rng(0)
    x = random.normal(size=(60, *draw(st.sampled_from(shapes))))
    x = (10 * x).astype(draw(st.sampled_from(["f4", "f8", "i2"])))
    classes = np.array(["ant", "bee", "cat"]) if draw(st.booleans()) else np.arange(3)
    y = classes[np.arange(60) % 3] if labels else random.normal(size=(60, 2))
    own = draw(st.sets(st.sampled_from(["validation", "test"])))
    start = "_train" if own else ""
    arrays = {f"x{start}": x, f"y{start}": y}
    if draw(st.booleans()):
        section["group"] = "g"
        arrays[f"g{start}"] = np.arange(60) // 2
    for part in own:
        section |= {part: "none"} | ({"fold": "none"} if part == "validation" else {})
        arrays |= {f"x_{part}": x[:9], f"y_{part}": y[:9]}
    path = folder / "data.npz"
    np.savez(path, allow_pickle=False, **arrays)
    return {**section, "path": str(path)}


def _idx(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    x = np.random.default_rng(0).integers(0, 256, (60, 7, 6), dtype=np.uint8)
    y = (np.arange(60) % 3).astype(np.uint8)
    names = {"train_images": x, "train_labels": y, "test_images": x[:9], "test_labels": y[:9]}
    if section["test"] != "none":
        names = dict(list(names.items())[:2])
    keys = {}
    for name, array in names.items():
        keys[name] = str(folder / name)
        (folder / name).write_bytes(idx_bytes(array))
    return {**section, **keys}


def _csv(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    """A table of 42 columns of inputs, one of labels and one of parts, with names or without."""
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (60, 42)) if draw(st.booleans()) else random.normal(size=(60, 42))
    y = [str(i % 3) for i in range(60)] if labels else [f"{value:.3f}" for value in x[:, 0] / 7]
    part = ["train", "train", "test", "validation"] * 15
    header = draw(st.booleans())
    section |= {"header": header, "columns": "*", "ignore": "none", "part": "none"}
    section.pop("class_names", None)
    section["label"] = "label" if header else 42
    if draw(st.booleans()):
        section |= {"part": "part" if header else -1, "validation": "none", "test": "none"}
        section["fold"] = "none"
    else:
        section["ignore"] = ["part"] if header else 43
    section["shape"] = [7, 6] if images else draw(st.sampled_from(["none", [7, 6], [7, 3, 2]]))
    separator = SEPARATORS[section.get("separator", "comma")]
    rows = [[*map(str, row), label, name] for row, label, name in zip(x, y, part, strict=True)]
    names = [[*(f"p{i}" for i in range(42)), "label", "part"]] if header else []
    path = folder / "data.csv"
    path.write_text("".join(separator.join(row) + "\n" for row in names + rows))
    for key in ("validation_path", "test_path"):
        section.pop(key, None)
    return {**section, "path": str(path)}


def _cifar(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    random = np.random.default_rng(0)
    for version in VERSIONS[1:]:
        for name, count in ((*version.train, 60), (version.test, 9)):
            records = random.integers(0, 3, (count, version.record), dtype=np.uint8)
            (folder / str(name)).write_bytes(records.tobytes())
        for classes, names in version.labels.values():
            (folder / names).write_text("\n".join(f"class {i}" for i in range(classes)))
    return {**section, "test": "none", "directory": str(folder)}


def _images(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    """Pictures of 9 x 8 in three folders, and a table of them."""
    random, rows = np.random.default_rng(0), ["file,label"]
    for i in range(60):
        name = f"{'abc'[i % 3]}/{i}.png"
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 256, (9, 8, 3), dtype=np.uint8)).save(folder / name)
        rows.append(f"{name},{i % 3 if labels else random.normal()}")
    (folder / "files.csv").write_text("\n".join(rows))
    where = {"directory": str(folder)} if labels and draw(st.booleans()) else {}
    section = {**section, "size": draw(st.sampled_from([7, [6, 8]])), "cache": str(folder)}
    section = {k: v for k, v in section.items() if k not in {"directory", "table"}}
    return {**section, **(where or {"table": str(folder / "files.csv")})}


def _toy2d(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    noise = draw(st.sampled_from([0.0, 0.1]))
    classes = 2 if section.get("shape") == "xor" else draw(st.sampled_from([2, 3]))
    return {**section, "samples": 60, "classes": classes, "noise": noise}


FILES: dict[str, Callable[[st.DrawFn, Values, Path, bool, bool], Values]] = {
    "idx": _idx,
    "npz": _npz,
    "csv": _csv,
    "cifar": _cifar,
    "images": _images,
    "toy2d": _toy2d,
}
