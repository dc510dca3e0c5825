"""Answers as points of the soft-max simplex, figure 1 of the note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import CnntrainError
from cnntrain.models.evaluation import Evaluation
from cnntrain.models.load import load_model
from cnntrain.models.mirrored import measure
from cnntrain.reports.evidence import Evidence, Trained
from cnntrain.reports.markup import Element, element, number
from cnntrain.reports.page import Section, beside
from cnntrain.text import printable

Array = NDArray[Any]
MOST_POINTS = 600  # samples that are shown
PATHS = 4  # samples that are followed through the epochs
MOST_EPOCHS = 20  # of a path
SIDE, MARGIN, ROOM = 400.0, 40.0, 26.0  # of the triangle; around it; for labels


def simplex(evidence: Evidence) -> Section | None:
    """The answers for the classes that are confused most, all of them where there are two or
    three; None where there are no classes."""
    network = evidence.network
    if network is None or network.evaluated.class_names is None:
        return None
    evaluated = network.evaluated
    names, chosen = network.evaluated.class_names, evidence.focus.classes
    classes = _most_confused(evaluated) if chosen is None else np.array(chosen)
    shown = np.flatnonzero(np.isin(evaluated.labels, classes))
    shown = shown[:: -(-len(shown) // MOST_POINTS) or 1]
    followed = _followed(evaluated, shown)
    drawing = Simplex(
        "simplex",
        tuple(printable(names[c], 20) for c in classes),
        _restricted(evaluated.outputs[shown], classes),
        np.searchsorted(classes, evaluated.labels[shown]),
        _paths(evidence, network, followed, classes),
    )
    edge = "segment" if len(classes) == 2 else "triangle"
    text = (
        f"Each dot is a sample of the {evaluated.report.split} part, coloured by its true class; "
        f"the corners of the {edge} are certain answers. The lines are the boundaries of the "
        "decision regions, which meet at the unit point, where all classes are equally likely."
    )
    if len(names) > len(classes):
        kept = ", ".join(printable(names[c], 20) for c in classes)
        why = "these are confused most" if chosen is None else "these were chosen"
        text += f" Of {len(names):,} classes {why}: {kept}; their p is divided by its sum over "
        text += "them, and samples of other classes are left out."
    if drawing.paths:
        text += " The thin lines are the paths of some samples through the epochs that were kept."
    return Section("simplex", "The simplex", [element("p", text), beside(drawing)], [drawing])


@dataclass(frozen=True, eq=False)
class Simplex:
    """The 1-simplex as a segment, or the 2-simplex as a triangle.

    names    of the two or three classes
    p        (n, 2) or (n, 3), rows that sum to 1
    labels   (n,), which of these classes is the true one
    paths    (epochs, 2) or (epochs, 3) each
    """

    name: str
    names: tuple[str, ...]
    p: Array
    labels: Array
    paths: Sequence[Array] = ()

    @property
    def corners(self) -> Array:
        """Where the classes are, (2, 2) or (3, 2)."""
        if len(self.names) == 2:
            return np.array([[0.0, 0.0], [SIDE, 0.0]]) + [MARGIN, 2 * MARGIN]
        high = SIDE * 3**0.5 / 2
        return np.array([[0.0, high], [SIDE, high], [SIDE / 2, 0.0]]) + [MARGIN, MARGIN]

    def place(self, p: Array) -> Array:
        """Points p as places in the image: combinations of the corners; (n, 2)."""
        return np.asarray(p, dtype=float) @ self.corners

    def svg(self) -> Element:
        """The image."""
        corners, count = self.corners, len(self.names)
        centre = corners.mean(axis=0)
        middles = [(corners[i] + corners[j]) / 2 for i in range(count) for j in range(i)]
        if count == 2:  # the boundary is a point, drawn as a short line across the segment
            bounds = [_line(centre - [0, 12], centre + [0, 12], "best")]
        else:
            bounds = [_line(centre, middle, "best") for middle in middles]
        outline = "M" + "L".join(_point(corner) for corner in corners) + "Z"
        labels = [
            element("text", name, x=x, y=y + (ROOM if y >= centre[1] else -10), class_=f"name c{c}")
            for c, (name, (x, y)) in enumerate(zip(self.names, corners.tolist(), strict=True))
        ]
        for label in labels:
            label.set("text-anchor", "middle")
        height = corners[:, 1].max() + MARGIN
        return element(
            "svg",
            element("title", "answers on the soft-max simplex"),
            element("desc", f"{len(self.p)} samples of the classes {', '.join(self.names)}"),
            element("path", d=outline, class_="outline"),
            *bounds,
            *(element("path", d=self._path(path), class_="path") for path in self.paths),
            *self._dots(),
            *labels,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(SIDE + 2 * MARGIN)} {number(float(height))}",
            role="img",
            class_="chart",
            data_name=self.name,
        )

    def _path(self, p: Array) -> str:
        return "M" + "L".join(_point(place) for place in self.place(p))

    def _dots(self) -> list[Element]:
        places = self.place(self.p)
        if len(self.names) == 2:  # side by side, so that they do not hide one another
            places[:, 1] += 10 * ((np.arange(len(places)) % 7) - 3) / 3
        return [
            element(
                "circle",
                element("title", ", ".join(f"{v:.3f}" for v in p)),
                cx=float(x),
                cy=float(y),
                r=3.0,
                class_=f"dot c{label}",
            )
            for (x, y), p, label in zip(places, self.p, self.labels.tolist(), strict=True)
        ]


def _line(start: Array, stop: Array, kind: str) -> Element:
    (x1, y1), (x2, y2) = start.tolist(), stop.tolist()
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def _point(place: Array) -> str:
    x, y = place.tolist()
    return f"{number(x)} {number(y)}"


def _most_confused(evaluated: Evaluation) -> Array:
    """Two or three classes, in ascending order: all, or those that are confused most."""
    count = len(evaluated.class_names or ())
    if count <= 3:
        return np.arange(count)
    answers, labels = evaluated.outputs.argmax(axis=1), evaluated.labels
    wrong = np.zeros(count)
    pairs, counts = np.unique(
        np.sort(np.stack([labels, answers], axis=1)[answers != labels], axis=1),
        axis=0,
        return_counts=True,
    )
    if not len(pairs):
        return np.arange(3)
    first = pairs[counts.argmax()]
    for (a, b), n in zip(pairs.tolist(), counts.tolist(), strict=True):  # with one of the two
        for one, other in ((a, b), (b, a)):
            if one in first and other not in first:
                wrong[other] += n
    wrong[first] = -1
    return np.sort([*first, int(wrong.argmax())])


def _restricted(p: Array, classes: Array) -> Array:
    """Probabilities of some classes alone: divided by their sum."""
    kept = p[:, classes].astype(np.float64)
    sums = kept.sum(axis=1, keepdims=True)
    return np.where(sums > 0, kept / np.where(sums > 0, sums, 1.0), 1 / len(classes))


def _followed(evaluated: Evaluation, shown: Array) -> Array:
    """Positions of the samples whose paths say most: those with the least certain answers."""
    sure = evaluated.outputs[shown].max(axis=1)
    return np.sort(shown[np.argsort(sure, kind="stable")[:PATHS]])


def _paths(evidence: Evidence, network: Trained, followed: Array, classes: Array) -> list[Array]:
    """What the kept checkpoints answer for some samples, epoch by epoch."""
    dataset, part = network.experiment.dataset, network.evaluated.part
    samples, p = dataset.samples(part, followed), []
    for path in evidence.kept[:: -(-len(evidence.kept) // MOST_EPOCHS) or 1]:
        try:
            model = load_model(path, "own")
            outputs = measure(model.network, model.w, samples, model.buffers, model.flip)[1]
        except CnntrainError:  # the run goes on, and has removed it
            continue
        p.append(_restricted(outputs, classes))
    if len(p) < 2 or not len(followed):
        return []
    return list(np.stack(p, axis=1))
