"""Samples by class, and the best constant answer, counted by hand."""

import math

import numpy as np
import pytest

from cnntrain.data.audit.classes import class_counts, constant_answer, imbalance
from cnntrain.data.audit.targets import target_statistics


def test_samples_by_class_and_part(dataset):
    data = dataset(
        train=(np.zeros((6, 2)), [0, 1, 1, 1, 1, 0]), test=(np.zeros((2, 2)), [2, 1]), classes=3
    )
    found = class_counts(data)
    assert [one.name for one in found] == ["a", "b", "c"]
    assert [one.counts for one in found] == [
        {"train": 2, "test": 0},
        {"train": 4, "test": 1},
        {"train": 0, "test": 1},
    ]
    assert imbalance(found) == 2


def test_the_best_constant_answer_of_classes(dataset):
    data = dataset(
        train=(np.zeros((8, 2)), [0, 1, 1, 2, 2, 0, 1, 2]), test=(np.zeros((4, 2)), [1, 2, 2, 2])
    )
    found = constant_answer(data)
    assert found.answer == "b"  # as frequent as c, and lower
    assert found.error == {"train": 5 / 8, "test": 3 / 4}
    shares = [2 / 8, 3 / 8, 3 / 8]
    assert found.cross_entropy == pytest.approx(-sum(p * math.log(p) for p in shares))
    assert found.loss is None


def test_the_best_constant_answer_to_real_targets(dataset):
    y = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 5.0]])
    data = dataset(train=(np.zeros((3, 2)), y), test=(np.zeros((1, 2)), [[3.0, 4.0]]))
    found = constant_answer(data)
    assert found.answer == [3.0, 3.0]
    assert found.loss == {"train": pytest.approx((4 + 1 + 1 + 4 + 4) / 3), "test": 1.0}
    assert found.error is None


def test_statistics_of_targets(dataset):
    y = np.array([[1.0, 7.0], [3.0, 7.0]])
    first, second = target_statistics(dataset(train=(np.zeros((2, 2)), y)).train)
    assert (first.minimum, first.maximum, first.mean, first.deviation) == (1, 3, 2, 1)
    assert (second.minimum, second.maximum, second.deviation) == (7, 7, 0)
