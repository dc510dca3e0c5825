"""Measuring a trained network on one part of its data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from cnntrain.config import Overrides, override_data
from cnntrain.data import Dataset, Part, PartSamples, load_dataset
from cnntrain.data.examples import PARTS
from cnntrain.data.sources import Source
from cnntrain.errors import DataError, UsageError
from cnntrain.models.load import load_model
from cnntrain.models.mirrored import measure
from cnntrain.models.model import Model
from cnntrain.models.report import EvaluationReport, of_classes
from cnntrain.models.unseen import check_unseen, run_of
from cnntrain.nn.inspect.diagnosis import first_not_finite
from cnntrain.text import printable, shown_path

Array = NDArray[Any]


@dataclass(frozen=True)
class Evaluation:
    """The report of an evaluation, with what it was made from: the part, and the network's outputs
    (N, e) for its samples."""

    report: EvaluationReport
    part: Part
    outputs: Array
    class_names: tuple[str, ...] | None

    @property
    def labels(self) -> Array:
        """Labels (N,) or targets (N, e)."""
        return self.part.y


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
    """As `evaluate`, for a loaded model, with the part and the outputs."""
    changed = override_data(model.config, data or {}).data
    _check_changes(model, changed)
    classes = None if model.class_names is None else model.network.outputs
    return evaluation_on(load_dataset(changed, classes), model, split, changed=bool(data))


def evaluation_on(
    dataset: Dataset, model: Model, split: str, *, changed: bool = False
) -> Evaluation:
    """The same on data that are loaded; `changed` where they need not be those of the training."""
    part = _part(model, dataset, split)
    _check_fit(model, dataset, changed)
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
        report = of_classes(report, total, part.y, outputs, model.class_names, dataset.train.y)
    return Evaluation(report, part, outputs, model.class_names)


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
            f"have {printable(', '.join(found), 200)} (the same are needed, in that order: as "
            "class_names of arrays, or as folders of pictures)"
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
