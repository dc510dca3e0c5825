"""Counts of a classifier's answers, by hand, and for many classes."""

import tracemalloc

import numpy as np
import pytest

from cnntrain.models.classification import (
    ClassReport,
    Confused,
    confusion_matrix,
    most_confused,
    per_class,
    wilson_interval,
)


def test_wilson_interval_against_published_values():
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    for errors, count, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)]:
        assert wilson_interval(errors, count) == pytest.approx((low, high), abs=5e-5)
    low, high = wilson_interval(0, 20)
    assert (low, round(high, 4)) == (0.0, 0.1611)
    assert wilson_interval(29, 29)[1] == 1.0


def test_per_class_figures_by_hand():
    labels, predicted = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0])
    rows = per_class(labels, predicted, ("a", "b", "c"))
    assert rows[0] == ClassReport("a", count=3, precision=2 / 3, recall=2 / 3, f1=2 / 3)
    assert rows[1].precision == rows[1].recall == 0.5
    assert rows[2] == ClassReport("c", count=0, precision=None, recall=None, f1=None)


def test_the_matrix_and_its_largest_entries_off_the_diagonal():
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    predicted = np.array([1, 1, 0, 0, 1, 0, 1, 1])
    assert confusion_matrix(labels, predicted, 3).tolist() == [[1, 2, 0], [1, 1, 0], [1, 2, 0]]
    pairs = most_confused(labels, predicted, ("a", "b", "c"), 3)
    assert pairs == [Confused("a", "b", 2), Confused("c", "b", 2), Confused("b", "a", 1)]
    assert most_confused(labels, labels, ("a", "b", "c"), 3) == []


def test_many_classes_take_no_square_of_their_number():
    classes = 30_000
    labels = np.arange(classes)
    names = tuple(map(str, range(classes)))
    tracemalloc.start()
    rows = per_class(labels, labels[::-1], names)
    pairs = most_confused(labels, labels[::-1], names, 5)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows) == classes and len(pairs) == 5
    assert most < 30 * 2**20
