"""What is measured in each epoch: columns of metrics.csv that a rule may watch, and the mathematics
of those that are counted from a classifier's answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cnntrain.text import loss_text, percent

Array = NDArray[Any]


@dataclass(frozen=True)
class Measure:
    """What is true of a column.

    title      above it where space is short
    name       what people call it
    share      whether it is between 0 and 1
    larger     whether larger values are the better ones
    validated  whether it is measured on the validation part
    classes    classes that it needs at least; 0: real targets will do
    full       whether it needs `evaluate_train: full`
    average    whether it needs `average`
    finer      the loss that tells apart what this error, a multiple of 1/N, does not
    meaning    what the reference says of a metric that a config may ask for
    """

    title: str
    name: str
    share: bool = True
    larger: bool = False
    validated: bool = True
    classes: int = 1
    full: bool = False
    average: bool = False
    finer: str | None = None
    meaning: str = ""

    def cost(self, value: float) -> float:
        """The value as a number that falls as it gets better."""
        return -value if self.larger else value

    def text(self, value: float | None) -> str:
        """The value for people: a loss, an error in percent, or another share."""
        if self.larger and value is not None:
            return f"{value:.4f}"
        return percent(value) if self.share else loss_text(value)


MEASURES: dict[str, Measure] = {
    "train_loss": Measure("train", "training loss", share=False, validated=False, classes=0),
    "train_error": Measure("error", "training error", validated=False),
    "validation_loss": Measure("valid.", "validation loss", share=False, classes=0),
    "validation_error": Measure("error", "validation error", finer="validation_loss"),
    "train_risk": Measure(
        "risk", "training risk", share=False, validated=False, classes=0, full=True
    ),
    "train_zero_one": Measure("zero-one", "training zero-one error", validated=False, full=True),
    "balanced_error": Measure(
        "balanced", "balanced error", meaning="the mean of the classes' errors"
    ),
    "macro_f1": Measure("F1", "macro F1", larger=True, meaning="the mean of their F1"),
    "top5_error": Measure(
        "top 5",
        "top-5 error",
        classes=6,
        meaning="the share of samples whose class is not among the five likeliest, for more than "
        "five classes",
    ),
    "average_validation_loss": Measure(
        "average", "validation loss of the average", share=False, classes=0, average=True
    ),
    "average_validation_error": Measure(
        "average", "validation error of the average", average=True, finer="average_validation_loss"
    ),
}
TOP = 5


def cost(column: str, value: float) -> float:
    """A value as a number that falls as it gets better; of other columns than these, itself."""
    return MEASURES[column].cost(value) if column in MEASURES else value


def criterion(monitors: Iterable[str | None], known: Callable[[str], bool], training: str) -> str:
    """The measure that ranks runs: what early stopping monitors on the validation part, if that is
    the same in all of them, and for an error its loss, which is finer; otherwise the validation
    loss, or without one the loss `training`.

    monitors   of the runs, None where there is no early stopping
    known      whether some run has a measure

    >>> criterion(["validation_error", "validation_error"], lambda name: True, "train_loss")
    'validation_loss'
    >>> criterion(["macro_f1", "macro_f1"], lambda name: True, "train_loss")
    'macro_f1'
    """
    watched, candidates = set(monitors), ["validation_loss"]
    monitor = watched.pop() if len(watched) == 1 else None
    if monitor in MEASURES and MEASURES[monitor].validated:
        candidates.insert(0, MEASURES[monitor].finer or monitor)
    return next(filter(known, candidates), training)


def counts(labels: Array, answers: Array, classes: int) -> tuple[list[int], list[int], list[int]]:
    """For each class, how many samples have it as label, as answer, and as both."""
    hits = labels[labels == answers]
    each = [np.bincount(which, minlength=classes).tolist() for which in (labels, answers, hits)]
    return each[0], each[1], each[2]


def balanced_error(labels: Array, p: Array) -> float:
    """The mean, over the classes that occur, of the share of their samples that are misclassified:
    for labels (N,) and outputs p (N, e).

    >>> balanced_error(np.array([0, 0, 0, 1]), np.array([[0.9, 0.1]] * 4))
    0.5
    """
    occurring, _, hits = counts(labels, p.argmax(axis=1), p.shape[1])
    return _mean([1 - hit / n for n, hit in zip(occurring, hits, strict=True) if n])


def macro_f1(labels: Array, p: Array) -> float:
    """The mean, over the classes that occur or are answered, of F1 = 2 / (1 / precision + 1 /
    recall), 0 where there are no hits.

    >>> round(macro_f1(np.array([0, 0, 0, 1]), np.array([[0.9, 0.1]] * 4)), 4)
    0.4286
    """
    of_class = zip(*counts(labels, p.argmax(axis=1), p.shape[1]), strict=True)
    return _mean([2 * hit / (n + answered) for n, answered, hit in of_class if n + answered])


def top5_error(labels: Array, p: Array) -> float:
    """The share of samples whose label is not among the five likeliest classes, of equally likely
    ones the lower.

    >>> top5_error(np.array([4, 5]), np.ones((2, 7)))
    0.5
    """
    own = p[np.arange(len(labels)), labels][:, None]
    lower = np.arange(p.shape[1]) < labels[:, None]
    before = np.count_nonzero(p > own, axis=1) + np.count_nonzero((p == own) & lower, axis=1)
    return int(np.count_nonzero(before >= TOP)) / len(labels)


METRICS: dict[str, Callable[[Array, Array], float]] = {
    metric.__name__: metric for metric in (balanced_error, macro_f1, top5_error)
}
# Columns of the validation part that not every run has.
EXTRAS = tuple(name for name, one in MEASURES.items() if name in METRICS or one.average)

if TYPE_CHECKING:
    Metric: TypeAlias = str
    Column: TypeAlias = str
else:  # the words that a config may use
    Metric, Column = Literal[tuple(METRICS)], Literal[tuple(MEASURES)]


def of_answers(labels: Array, p: Array) -> dict[str, float]:
    """All metrics for which there are classes enough, by name."""
    return {
        name: metric(labels, p)
        for name, metric in METRICS.items()
        if p.shape[1] >= MEASURES[name].classes
    }


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)
