"""Samples by class and part, and how well an answer does that is always the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cnntrain.data.dataset import Dataset

FEW = 10  # training samples: a class with fewer is a tiny one


@dataclass(frozen=True)
class ClassCount:
    """How many samples of a class each part has."""

    name: str
    counts: dict[str, int]


@dataclass(frozen=True)
class ConstantAnswer:
    """The best answer that is always the same: a network that does no better has learned nothing.

    For classes, the most frequent one of the training part, the lowest of several:

    answer         its name
    error          the share of other classes, by part
    cross_entropy  of the best constant outputs, the shares of the classes, on the training part

    For real targets, their mean in the training part:

    answer         the mean (d,)
    loss           the quadratic loss, by part
    """

    answer: str | list[float]
    error: dict[str, float] | None = None
    cross_entropy: float | None = None
    loss: dict[str, float] | None = None


def class_counts(dataset: Dataset) -> list[ClassCount]:
    """The samples of each class, in the order of the classes."""
    names = dataset.class_names or ()
    counts = {
        part: np.bincount(samples.y, minlength=len(names)).tolist()
        for part, samples in dataset.parts.items()
    }
    return [
        ClassCount(name, {part: counts[part][label] for part in counts})
        for label, name in enumerate(names)
    ]


def imbalance(classes: list[ClassCount]) -> float | None:
    """Training samples of the largest class over those of the smallest that has any."""
    sizes = [one.counts["train"] for one in classes if one.counts["train"]]
    return max(sizes) / min(sizes) if sizes else None


def constant_answer(dataset: Dataset) -> ConstantAnswer:
    """The best constant answer for the training part."""
    train = dataset.train.y
    if dataset.class_names is None:
        mean = train.mean(axis=0)
        loss = {
            name: float(np.square(part.y - mean).sum(axis=1).mean())
            for name, part in dataset.parts.items()
        }
        return ConstantAnswer(mean.tolist(), loss=loss)
    sizes = np.bincount(train)
    answer = int(sizes.argmax())
    shares = [size / len(train) for size in sizes.tolist() if size]
    return ConstantAnswer(
        dataset.class_names[answer],
        error={name: float((part.y != answer).mean()) for name, part in dataset.parts.items()},
        cross_entropy=-math.fsum(share * math.log(share) for share in shares),
    )
