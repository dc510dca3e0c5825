"""Measuring a trained network on one part of its data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Overrides, override_data
from cnntrain.data import Dataset, PartSamples, load_dataset
from cnntrain.errors import DataError, UsageError
from cnntrain.models.model import Model, load_model
from cnntrain.nn.inspect.diagnosis import first_not_finite
from cnntrain.text import csv_text, printable, shown_path

Array = NDArray[Any]
Z95 = 1.959963984540054  # 97.5 % quantile of the normal distribution


@dataclass(frozen=True)
class ClassReport:
    """Precision, recall and their harmonic mean F1 of one class; None where it is 0 / 0."""

    name: str
    count: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class EvaluationReport:
    """Loss and errors on the whole of one part; its fields are the keys of `evaluate --json`.

    checkpoint      the file
    split           train, validation or test
    count           samples
    loss            L_T (equation 1)

    For classes, and None for real targets:

    zero_one_error  the fraction misclassified; `accuracy` is the rest
    error_interval  its 95 % score interval (Wilson 1927)
    ties            samples with several likeliest classes, of which the lowest is taken
    confusion       confusion[true class][predicted class], counts
    per_class       a report for each class
    """

    checkpoint: str
    split: str
    count: int
    loss: float
    zero_one_error: float | None = None
    error_interval: tuple[float, float] | None = None
    accuracy: float | None = None
    ties: int | None = None
    confusion: list[list[int]] | None = None
    per_class: list[ClassReport] | None = None

    def as_dict(self) -> dict[str, Any]:
        """What `evaluate --json` prints."""
        return asdict(self)


@dataclass(frozen=True)
class Evaluation:
    """The report of an evaluation, with the network's outputs (N, e) and the labels (N,) or
    targets (N, e) that it was made from."""

    report: EvaluationReport
    outputs: Array
    labels: Array
    class_names: tuple[str, ...] | None


def evaluate(
    path: str | Path, split: str = "test", data: Overrides | None = None
) -> EvaluationReport:
    """Loss and errors of a checkpoint on the whole of one split.

    >>> result = cnntrain.evaluate("runs/digits", split="test")
    >>> result.count
    359
    >>> result.accuracy == 1 - result.zero_one_error
    True
    >>> [row.name for row in result.per_class if row.count == 37]
    ['3']

    path    a checkpoint, or a run directory: then its best checkpoint
    split   train, validation or test
    data    other values for keys of the config's `data`, such as {"path": "new.npz"}

    Raises UsageError for another split, ConfigError where `data` is wrong, DataError where the
    data are, lack the part or do not fit the network, CheckpointError where the checkpoint is
    damaged, and NotFoundError where there is none.
    """
    return evaluation(load_model(path), split, data).report


def evaluation(model: Model, split: str = "test", data: Overrides | None = None) -> Evaluation:
    """As `evaluate`, for a loaded model, with outputs and labels."""
    classes = None if model.class_names is None else model.network.outputs
    dataset = load_dataset(override_data(model.config, data or {}).data, classes)
    part = dataset.part(split)
    _check_fit(model, dataset, changed=bool(data))
    samples = PartSamples(part, model.standardizer)
    total, outputs = model.network.measure(model.w, samples)
    if not math.isfinite(total.loss):
        layer = first_not_finite(model.network, model.w, samples)
        origin = f", first in the output of {layer}" if layer else ""
        raise DataError(f"the loss on the {split} part is not finite{origin}")
    report = EvaluationReport(str(model.path), split, total.samples, total.risk)
    if model.class_names is not None:
        confusion = confusion_matrix(part.y, outputs.argmax(axis=1), len(model.class_names))
        report = replace(
            report,
            zero_one_error=total.error,
            error_interval=wilson_interval(total.errors, total.samples),
            accuracy=1 - total.error,
            ties=total.ties,
            confusion=confusion.tolist(),
            per_class=per_class(confusion, model.class_names),
        )
    return Evaluation(report, outputs, part.y, model.class_names)


def probabilities_csv(evaluated: Evaluation) -> str:
    """One row for each sample: label, prediction, and the soft-max outputs p."""
    names = evaluated.class_names
    if names is None:
        raise UsageError("probabilities are those of classes, but the targets are real numbers")
    rows: list[list[object]] = [["label", "prediction", *(f"p_{c}" for c in range(len(names)))]]
    for label, p in zip(evaluated.labels, evaluated.outputs, strict=True):
        rows.append([int(label), int(p.argmax()), *(repr(float(v)) for v in p)])
    return csv_text(rows)


def confusion_matrix(labels: Array, predicted: Array, classes: int) -> Array:
    """counts[true class, predicted class]."""
    cells = labels * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def per_class(confusion: Array, names: tuple[str, ...]) -> list[ClassReport]:
    """The reports of the classes, from the counts confusion[true class, predicted class]."""
    rows = []
    for c, name in enumerate(names):
        hits = int(confusion[c, c])
        count, predicted = int(confusion[c].sum()), int(confusion[:, c].sum())
        rows.append(
            ClassReport(
                name=name,
                count=count,
                precision=hits / predicted if predicted else None,
                recall=hits / count if count else None,
                f1=2 * hits / (count + predicted) if count + predicted else None,
            )
        )
    return rows


def wilson_interval(errors: int, count: int) -> tuple[float, float]:
    """95 % score interval of an error rate (Wilson 1927).

    >>> [round(bound, 4) for bound in wilson_interval(10, 100)]
    [0.0552, 0.1744]
    """
    rate, z2 = errors / count, Z95**2
    centre = rate + z2 / (2 * count)
    spread = Z95 * ((rate * (1 - rate) + z2 / (4 * count)) / count) ** 0.5
    scale = 1 + z2 / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _check_fit(model: Model, dataset: Dataset, changed: bool) -> None:
    """Raise DataError unless the data are of the kind that the model was trained on; and, unless
    other data were asked for (`changed`), the very same."""
    name = shown_path(model.path)
    if dataset.input_shape != model.network.input_shape:
        raise DataError(
            f"{name} was trained on inputs of shape {model.network.input_shape}, "
            f"the data have {dataset.input_shape}"
        )
    if (model.class_names is None) != (dataset.classes is None):
        kinds = ["real numbers", "whole numbers"]
        trained, there = kinds if model.class_names is None else kinds[::-1]
        raise DataError(f"{name} was trained on {trained} as y, found {there} (store y likewise)")
    trained_on, found = _named(model.class_names), _named(dataset.class_names)
    if trained_on and found and trained_on != found:
        raise DataError(
            f"{name} was trained on the classes {printable(', '.join(trained_on), 200)}, the data "
            f"have {printable(', '.join(found), 200)} (store the same class_names, in that order)"
        )
    if dataset.outputs != model.network.outputs:
        raise DataError(
            f"{name} has {model.network.outputs} outputs, the data have {dataset.outputs}"
        )
    if not changed and dataset.split_hash != model.split_hash:
        raise DataError(
            f"{name} was trained on another split: the data have changed since "
            "(name the ones to evaluate on with --set data.KEY=VALUE)"
        )


def _named(names: tuple[str, ...] | None) -> tuple[str, ...]:
    """What the classes are called, nothing where they have but their numbers."""
    numbers = tuple(str(label) for label in range(len(names or ())))
    return () if names is None or names == numbers else names
