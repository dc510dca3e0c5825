"""Measuring a trained network on one part of its data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from cnntrain.config import Overrides, override_data
from cnntrain.data import Dataset, Part, PartSamples, load_dataset
from cnntrain.data.dataset import PARTS
from cnntrain.data.sources import Source
from cnntrain.errors import DataError, UsageError
from cnntrain.metrics import of_answers
from cnntrain.models.classification import (
    ClassReport,
    Confused,
    confusion_matrix,
    most_confused,
    per_class,
    wilson_interval,
)
from cnntrain.models.mirrored import measure
from cnntrain.models.model import Model, load_model
from cnntrain.models.unseen import check_unseen, run_of
from cnntrain.nn.inspect.diagnosis import first_not_finite
from cnntrain.runs.metrics import Weights
from cnntrain.text import csv_text, printable, shown_path

Array = NDArray[Any]
MOST_CLASSES = 100  # of a confusion matrix that is given as a whole
MOST_PAIRS = 100  # of confused classes


@dataclass(frozen=True)
class EvaluationReport:
    """Loss and errors on the whole of one part; its fields are the keys of `evaluate --json`.

    checkpoint      the file
    weights         own for w itself, average for its average; None where there is no average
    split           train, validation or test
    count           samples
    loss            L_T (equation 1)
    flip            whether outputs are means over each image and its mirror image

    For classes, and None for real targets:

    zero_one_error  the fraction misclassified; `accuracy` is the rest
    error_interval  its 95 % score interval (Wilson 1927)
    balanced_error  the mean of the errors of the classes that occur
    macro_f1        the mean of F1 over the classes that occur or are answered
    top5_error      the fraction whose class is not among the five likeliest; None below six classes
    ties            samples with several likeliest classes, of which the lowest is taken
    confusion       confusion[true class][predicted class], counts; None above 100 classes
    confused        pairs of classes that are confused, the most frequent 100 of them
    per_class       a report for each class

    warnings        what makes these figures doubtful, and what the run itself was warned of
    """

    checkpoint: str
    split: str
    count: int
    loss: float
    flip: bool = False
    zero_one_error: float | None = None
    error_interval: tuple[float, float] | None = None
    accuracy: float | None = None
    balanced_error: float | None = None
    macro_f1: float | None = None
    top5_error: float | None = None
    ties: int | None = None
    confusion: list[list[int]] | None = None
    confused: list[Confused] | None = None
    per_class: list[ClassReport] | None = None
    weights: Weights | None = None
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """What `evaluate --json` prints."""
        return asdict(self)


@dataclass(frozen=True)
class Evaluation:
    """The report of an evaluation, with what it was made from: the indices (N,) of the samples in
    their files, the network's outputs (N, e), and labels (N,) or targets (N, e)."""

    report: EvaluationReport
    indices: Array
    outputs: Array
    labels: Array
    class_names: tuple[str, ...] | None


def evaluate(
    path: str | Path,
    split: str = "test",
    data: Overrides | None = None,
    flip: bool | None = None,
    weights: Literal["auto", "own", "average"] = "auto",
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
    flip    whether outputs are averaged over mirror images; None: as the config says
    weights as for `load_model`

    Raises UsageError for another split, mirror images of vectors, or an average that is not there,
    ConfigError where `data` is wrong, DataError where the data are, lack the part or do not fit the
    network, CheckpointError where the checkpoint is damaged, and NotFoundError where there is none.
    """
    return evaluation(load_model(path, weights, flip=flip), split, data).report


def evaluation(model: Model, split: str = "test", data: Overrides | None = None) -> Evaluation:
    """As `evaluate`, for a loaded model, with outputs and labels."""
    changed = override_data(model.config, data or {}).data
    _check_changes(model, changed)
    classes = None if model.class_names is None else model.network.outputs
    dataset = load_dataset(changed, classes)
    part = _part(model, dataset, split)
    _check_fit(model, dataset, changed=bool(data))
    unknown = check_unseen(model, dataset, split)
    samples = PartSamples(part, model.standardizer)
    total, outputs = measure(model.network, model.w, samples, model.buffers, model.flip)
    if not math.isfinite(total.loss):
        layer = first_not_finite(model.network, model.w, samples, model.buffers)
        origin = f", first in the output of {layer}" if layer else ""
        raise DataError(f"the loss on the {split} part is not finite{origin}")
    report = EvaluationReport(
        str(model.path),
        split,
        total.samples,
        total.risk,
        flip=model.flip,
        weights=model.weights,
        warnings=_warnings(model, dataset, unknown, _scale_problem(model, part)),
    )
    if model.class_names is not None:
        names, predicted = model.class_names, outputs.argmax(axis=1)
        metrics = of_answers(part.y, outputs)
        small = len(names) <= MOST_CLASSES
        matrix = confusion_matrix(part.y, predicted, len(names)).tolist() if small else None
        report = replace(
            report,
            zero_one_error=total.error,
            error_interval=wilson_interval(total.errors, total.samples),
            accuracy=1 - total.error,
            balanced_error=metrics["balanced_error"],
            macro_f1=metrics["macro_f1"],
            top5_error=metrics.get("top5_error"),
            ties=total.ties,
            confusion=matrix,
            confused=most_confused(part.y, predicted, names, MOST_PAIRS),
            per_class=per_class(part.y, predicted, names),
        )
    return Evaluation(report, part.indices, outputs, part.y, model.class_names)


def probabilities_csv(evaluated: Evaluation) -> str:
    """One row for each sample: its index in the file that it is from, label, prediction, and the
    soft-max output p of each class, by the classes' names."""
    names = evaluated.class_names
    if names is None:
        raise UsageError("probabilities are those of classes, but the targets are real numbers")
    header = ["index", "label", "prediction", *(f"p_{printable(name)}" for name in names)]
    rows: list[list[object]] = [list(header)]
    samples = zip(evaluated.indices, evaluated.labels, evaluated.outputs, strict=True)
    for index, label, p in samples:
        rows.append([int(index), int(label), int(p.argmax()), *(repr(float(v)) for v in p)])
    return csv_text(rows)


def _check_changes(model: Model, changed: Source) -> None:
    """Raise UsageError where a setting is changed that an evaluation does not depend on."""
    own = model.config.data
    for key in changed.of_training:
        if getattr(changed, key) != getattr(own, key):
            raise UsageError(
                f"data.{key} has no effect on an evaluation: it is that of the training"
            )


def _part(model: Model, dataset: Dataset, split: str) -> Part:
    """The part to evaluate on.  UsageError for no name of a part, DataError where it is not there;
    one that is split off now would hold samples that were trained on."""
    if split in PARTS and split not in dataset.parts:
        there = ", ".join(name for name in dataset.parts if name != "train") or "train alone"
        raise DataError(
            f"the data of {shown_path(model.path)} have no {split} part (found {there}; set "
            f"data.{split} before training, or evaluate on other data: data.path=FILE)"
        )
    return dataset.part(split)


def _scale_problem(model: Model, part: Part) -> str | None:
    if model.inputs is None:
        return None
    return model.inputs.problem(part.input_range, len(part), "the inputs")


def _warnings(model: Model, dataset: Dataset, *others: str | None) -> list[str]:
    """All that is to be said, once each: of these data, and of the run."""
    run = run_of(model.path)
    summary = None if run is None else run.read_summary()
    of_run = summary.warnings if summary is not None else []
    found = [*(other for other in others if other), *dataset.warnings, *of_run]
    return list(dict.fromkeys(found))


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
            "(name the ones to evaluate on, such as data.path=FILE)"
        )


def _named(names: tuple[str, ...] | None) -> tuple[str, ...]:
    """What the classes are called, nothing where they have but their numbers."""
    numbers = tuple(str(label) for label in range(len(names or ())))
    return () if names is None or names == numbers else names
