"""Thresholds and the ROC area against slow definitions, and where there is little to find."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from cnntrain.models.thresholds import LEVELS, of_class, of_likeliest, roc_area


def slow_roc_area(labels, score):
    """How often a sample of class 1 beats one of class 0, over all pairs."""
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a in score[labels == 1]
        for b in score[labels == 0]
    ]
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize("values", [3, 20, 10**6])
def test_the_area_counts_pairs_and_ties_half(values):
    rng = np.random.default_rng(values)
    labels = rng.integers(0, 2, 150)
    score = (rng.integers(0, values, 150) + labels * values // 4).astype(np.float32)
    assert roc_area(labels, score) == pytest.approx(slow_roc_area(labels, score), abs=1e-12)


@pytest.mark.parametrize(
    ("labels", "score", "area"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 1.0),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], 0.0),
        ([0, 1, 0, 1], [0.5] * 4, 0.5),
        ([1, 1], [0.1, 0.9], None),
        ([0, 0], [0.1, 0.9], None),
    ],
)
def test_the_area_at_its_ends(labels, score, area):
    assert roc_area(np.array(labels), np.array(score)) == area


def test_many_pairs_are_counted_exactly_and_fast():
    labels = np.arange(200_000) % 2
    assert roc_area(labels, np.arange(200_000)) == (100_000 * 100_001 / 2) / 100_000**2


def test_the_likeliest_class_is_answered_from_the_threshold_on():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 300).astype(np.float32)
    labels = rng.integers(0, 4, 300)
    rows = of_likeliest(labels, p)
    assert [row.threshold for row in rows] == list(LEVELS)
    for row in rows:
        answered = [
            (q, label) for q, label in zip(p, labels, strict=True) if max(q) >= row.threshold
        ]
        right = sum(int(q.argmax()) == label for q, label in answered)
        assert row.coverage == len(answered) / 300
        assert row.recall == right / 300
        assert row.precision == (right / len(answered) if answered else None)


def test_a_class_is_found_from_the_threshold_on():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(2), 300).astype(np.float32)
    labels = rng.integers(0, 2, 300)
    for row in of_class(labels, p, 1):
        found = [label for q, label in zip(p, labels, strict=True) if q[1] >= row.threshold]
        assert row.coverage == len(found) / 300
        assert row.precision == (sum(found) / len(found) if found else None)
        assert row.recall == sum(found) / labels.sum()


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1]])
@pytest.mark.parametrize("p", [[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
def test_nothing_is_not_a_number(labels, p):
    labels, p = np.array(labels), np.array([p] * 3, dtype=np.float32)
    rows = [*of_likeliest(labels, p), *of_class(labels, p, 1)]
    json.dumps([asdict(row) for row in rows], allow_nan=False)
    assert all(row.recall is None for row in of_class(labels, p, 1)) == (labels[0] == 0)
