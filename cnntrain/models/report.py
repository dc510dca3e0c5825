"""The typed report of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.metrics import of_answers
from cnntrain.models.calibration import Bin, calibration_error, reliability
from cnntrain.models.classification import (
    ClassReport,
    Confused,
    confusion_matrix,
    most_confused,
    per_class,
    wilson_interval,
)
from cnntrain.models.thresholds import Threshold, of_class, of_likeliest, roc_area
from cnntrain.nn.losses import BatchTotals
from cnntrain.runs.rows import Weights

Array = NDArray[Any]
MOST_CLASSES = 100  # of a confusion matrix that is given as a whole
MOST_PAIRS = 100  # of confused classes
WEIGHTS = {"own": "w itself, not its average", "average": "the average of w over the steps"}


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
    majority_class  the most frequent class of the training part, by name
    majority_error  the zero-one error of that class as the answer for every sample
    balanced_error  the mean of the errors of the classes that occur
    macro_f1        the mean of F1 over the classes that occur or are answered
    top5_error      the fraction whose class is not among the five likeliest; None below six classes
    roc_area        of two classes: how often a sample of the second has a higher p of it than one
                    of the first; None otherwise, and where only one of them occurs
    calibration_error  how far p of the answers is from the share of them that is right, on average
                    over the bins of `reliability`
    ties            samples with several likeliest classes, of which the lowest is taken
    confusion       confusion[true class][predicted class], counts; None above 100 classes
    confused        pairs of classes that are confused, the most frequent 100 of them
    per_class       a report for each class
    reliability     samples by p of their answer: 15 bins of equal width
    thresholds      the likeliest class as the answer where its p is high enough
    detection       of two classes: the second as the answer wherever its own p is high enough

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
    majority_class: str | None = None
    majority_error: float | None = None
    balanced_error: float | None = None
    macro_f1: float | None = None
    top5_error: float | None = None
    roc_area: float | None = None
    calibration_error: float | None = None
    ties: int | None = None
    confusion: list[list[int]] | None = None
    confused: list[Confused] | None = None
    per_class: list[ClassReport] | None = None
    reliability: list[Bin] | None = None
    thresholds: list[Threshold] | None = None
    detection: list[Threshold] | None = None
    weights: Weights | None = None
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """What `evaluate --json` prints."""
        return asdict(self)

    @property
    def measured(self) -> Iterator[tuple[str, str]]:
        """What was measured, and how: names and texts for people."""
        if self.weights is not None:
            yield "weights", WEIGHTS[self.weights]
        yield "part", f"{self.split}, {self.count:,} samples"
        if self.flip:
            yield "outputs", "averaged over each image and its mirror image"


def of_classes(
    report: EvaluationReport,
    total: BatchTotals,
    labels: Array,
    p: Array,
    names: tuple[str, ...],
    trained: Array,
) -> EvaluationReport:
    """`report` with what is true of classes: from the totals of a part, its labels (N,), the
    probabilities p (N, classes) and the labels of the training part."""
    answers, metrics, bins = p.argmax(axis=1), of_answers(labels, p), reliability(labels, p)
    majority = int(np.bincount(trained).argmax())  # of equally frequent ones the lowest
    small, two = len(names) <= MOST_CLASSES, len(names) == 2
    return replace(
        report,
        zero_one_error=total.error,
        error_interval=wilson_interval(total.errors, total.samples),
        accuracy=1 - total.error,
        majority_class=names[majority],
        majority_error=float(np.mean(labels != majority)),
        balanced_error=metrics["balanced_error"],
        macro_f1=metrics["macro_f1"],
        top5_error=metrics.get("top5_error"),
        roc_area=roc_area(labels, p[:, 1]) if two else None,
        calibration_error=calibration_error(bins),
        ties=total.ties,
        confusion=confusion_matrix(labels, answers, len(names)).tolist() if small else None,
        confused=most_confused(labels, answers, names, MOST_PAIRS),
        per_class=per_class(labels, answers, names),
        reliability=bins,
        thresholds=of_likeliest(labels, p),
        detection=of_class(labels, p, 1) if two else None,
    )
