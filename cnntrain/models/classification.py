"""Counts of a classifier's answers: which classes it takes for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.metrics import counts

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
class Confused:
    """How many samples of a class, `true`, are taken for another, `predicted`."""

    true: str
    predicted: str
    count: int


def per_class(labels: Array, predicted: Array, names: tuple[str, ...]) -> list[ClassReport]:
    """The reports of the classes; memory grows with the number of classes, not with its square."""
    return [
        ClassReport(
            name=name,
            count=count,
            precision=hit / answered if answered else None,
            recall=hit / count if count else None,
            f1=2 * hit / (count + answered) if count + answered else None,
        )
        for name, count, answered, hit in zip(
            names, *counts(labels, predicted, len(names)), strict=True
        )
    ]


def confusion_matrix(labels: Array, predicted: Array, classes: int) -> Array:
    """counts[true class, predicted class]."""
    cells = labels * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def most_confused(
    labels: Array, predicted: Array, names: tuple[str, ...], most: int
) -> list[Confused]:
    """The pairs of a class and another that it is taken for most often, at most `most` of them:
    the most frequent first, of equally frequent ones the lower classes."""
    wrong = labels != predicted
    pairs, counts = np.unique(labels[wrong] * len(names) + predicted[wrong], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return [
        Confused(names[pair // len(names)], names[pair % len(names)], count)
        for pair, count in zip(pairs[order].tolist(), counts[order].tolist(), strict=True)
    ]


def mistakes(labels: Array, p: Array) -> Array:
    """The positions (k,) of the samples that are taken for another class, of labels (N,) and
    probabilities p (N, classes): those first that the network is surest of, of equals the lower.

    >>> mistakes(np.array([0, 1, 1]), np.array([[0.4, 0.6], [0.9, 0.1], [0.2, 0.8]])).tolist()
    [1, 0]
    """
    answers = p.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    return wrong[np.argsort(-p[wrong, answers[wrong]], kind="stable")]


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
