"""Decision regions in the plane of the inputs, for networks that take two numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.data.part import Part
from cnntrain.errors import CnntrainError
from cnntrain.models.load import load_model
from cnntrain.models.model import Model
from cnntrain.nn.layers import Dense
from cnntrain.randomness import permutation
from cnntrain.reports.evidence import Evidence, Trained
from cnntrain.reports.markup import element
from cnntrain.reports.page import Section, beside
from cnntrain.reports.plane import CELLS, Plane, Points
from cnntrain.reports.scale import Scale
from cnntrain.reports.shapes import Axis
from cnntrain.text import pluralize, printable

Array = NDArray[Any]
MOST_EPOCHS = 6  # beside the best
MOST_POINTS = 300  # of a part
MOST_CLASSES, MOST_LINES = 100, 64
ROOM = 0.08  # around the samples, as a share of their width


def plane(evidence: Evidence) -> Section | None:
    """The decision regions of the kept epochs and of the best one; None where the inputs are not
    two numbers, or there are no classes, or too many to draw."""
    network = evidence.network
    if network is None or network.experiment.dataset.input_shape != (2,):
        return None
    names = network.evaluated.class_names
    if names is None or len(names) > MOST_CLASSES:
        return None
    view = _View(network, [printable(name, 20) for name in names])
    figures = [view.figure(model) for model in _models(evidence, network)]
    text = (
        "Each panel is the plane of the two inputs, in the units of the data, with the decision "
        "regions P_c: where the network answers class c, paler where p of the answer is below "
        f"0.9, 0.75 and 0.6. Dots are samples of the {network.evaluated.report.split} part, "
        "coloured by their true class, those that are answered wrongly with a ring"
    )
    split = network.evaluated.report.split
    text += ". " if split == "train" else "; small ones were trained on. "
    lines = _units(network.model)
    if lines is not None:
        name = network.model.network.names[0]
        figures.append(view.figure(network.model, lines))
        text += (
            f"The lines of the last panel are where the {pluralize(len(lines), 'unit')} of {name} "
            "are zero: what follows sees the plane bent along them."
        )
    content = [element("p", text), beside(*figures, small=True)]
    return Section("plane", "The plane", content, figures)


class _View:
    """What all panels have in common: the plane that is shown, and the samples in it."""

    def __init__(self, network: Trained, names: list[str]) -> None:
        self.network, self.names = network, names
        parts = network.experiment.dataset.parts.values()
        x = np.concatenate([part.x for part in parts]).astype(np.float64)
        low, high = x.min(axis=0), x.max(axis=0)
        room = ROOM * np.where(high > low, high - low, 1.0)
        self.axes = [
            Axis(f"x{k + 1}", Scale(a, b))
            for k, (a, b) in enumerate(
                zip((low - room).tolist(), (high + room).tolist(), strict=True)
            )
        ]
        self.centres = Plane.centres(self.axes[0].scale, self.axes[1].scale)

    def figure(self, model: Model, lines: Array | None = None) -> Plane:
        """The plane as a model sees it."""
        part, split = self.network.evaluated.part, self.network.evaluated.report.split
        train = self.network.experiment.dataset.train
        wrong = model.outputs(part.x).argmax(axis=1) != part.y
        shown = _some(part)
        points = [Points(part.x[shown], part.y[shown], wrong[shown])]
        if split != "train":
            seen = _some(train)
            points.insert(0, Points(train.x[seen], train.y[seen]))
        best = model is self.network.model
        heading = f"epoch {model.epoch}{', best' if best else ''}"
        return Plane(
            f"plane-{model.epoch}{'' if lines is None else '-units'}",
            f"decision regions after {heading}",
            heading,
            f"error {100 * wrong.mean():.2f} %" if lines is None else "units of layer 1",
            self.names,
            self.axes[0],
            self.axes[1],
            model.outputs(self.centres).reshape(CELLS, CELLS, -1),
            points,
            lines,
        )


def _some(part: Part) -> Array:
    """Positions of samples that are shown, at random but always the same."""
    return np.sort(permutation(len(part), "plane")[:MOST_POINTS])


def _models(evidence: Evidence, network: Trained) -> Iterator[Model]:
    """Those of some kept epochs and the best, by epoch."""
    best, models = network.model, [network.model]
    for path in _spread(evidence.kept):
        try:
            model = load_model(path, "own")
        except CnntrainError:  # the run goes on, and has removed it
            continue
        if model.epoch != best.epoch:
            models.append(model)
    yield from sorted(models, key=lambda model: model.epoch)


def _spread(kept: list[Path]) -> list[Path]:
    """Some of many checkpoints: more of the first, in which most happens, and the last."""
    if len(kept) <= MOST_EPOCHS:
        return kept
    places = np.rint(np.geomspace(1, len(kept), MOST_EPOCHS)).astype(int) - 1
    return [kept[k] for k in dict.fromkeys(places.tolist())]


def _units(model: Model) -> Array | None:
    """Where the units of a first dense layer are zero, as rows a, b, c: a x1 + b x2 = c for raw
    inputs; None where there is no such layer, or it is too large."""
    network = model.network
    layer, name = network.all_layers[0], network.names[0]
    if not isinstance(layer, Dense) or layer.units > MOST_LINES or len(network.all_layers) < 3:
        return None
    weights = network.named_parameters(model.w)
    std = np.broadcast_to(model.standardizer.std, (2,))
    slopes = weights[f"{name}/weight"].astype(np.float64) / std
    bias = weights[f"{name}/bias"] if layer.bias else np.zeros(layer.units)
    return np.column_stack([slopes, slopes @ np.broadcast_to(model.standardizer.mean, (2,)) - bias])
