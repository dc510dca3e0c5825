"""Calibration against its definition, one sample at a time, and where little is to be measured."""

import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from cnntrain.models.calibration import BINS, calibration_error, reliability


def random_answers(samples, classes, seed=0):
    """Labels and probabilities that are a little too sure."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(classes, 0.4), samples).astype(np.float32)
    guessed = rng.random(samples) < 0.7
    return np.where(guessed, p.argmax(axis=1), rng.integers(0, classes, samples)), p


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_error_is_that_of_the_definition(classes):
    """Guo et al. 2017, equations 1 to 3: bin m holds confidences in ((m - 1) / M, m / M]."""
    labels, p = random_answers(500, classes)
    expected = 0.0
    for m in range(1, BINS + 1):
        inside = [
            (float(row.max()), int(row.argmax()) == label)
            for row, label in zip(p, labels, strict=True)
            if (m - 1) / BINS < float(row.max()) <= m / BINS
        ]
        if inside:
            confidence = math.fsum(sure for sure, _ in inside) / len(inside)
            accuracy = sum(right for _, right in inside) / len(inside)
            expected += len(inside) / len(labels) * abs(accuracy - confidence)
    bins = reliability(labels, p)
    assert calibration_error(bins) == pytest.approx(expected, abs=1e-12)
    assert sum(b.count for b in bins) == len(labels)
    assert (bins[0].low, bins[-1].high) == (0, 1)


@pytest.mark.parametrize(
    ("labels", "p", "error"),
    [
        ([0, 0, 0], [[1.0, 0.0]] * 3, 0.0),  # sure and right
        ([1, 1, 1], [[1.0, 0.0]] * 3, 1.0),  # sure and wrong
        ([0, 1, 0, 1], [[0.5, 0.5]] * 4, 0.0),  # a coin, known to be one
        ([2], [[0.25, 0.25, 0.5]], 0.5),
    ],
)
def test_certainty_chance_and_a_single_sample(labels, p, error):
    bins = reliability(np.array(labels), np.array(p, dtype=np.float32))
    assert calibration_error(bins) == pytest.approx(error)
    json.dumps([asdict(b) for b in bins], allow_nan=False)


def test_rounding_above_one_stays_in_the_last_bin():
    bins = reliability(np.array([0]), np.array([[np.nextafter(np.float32(1), 2), 0]], np.float32))
    assert bins[-1].count == 1


def test_a_bin_holds_its_upper_edge():
    """0.2 = 3 / 15 is the end of the third."""
    bins = reliability(np.array([0]), np.full((1, 5), 0.2))
    assert [b.count for b in bins[:4]] == [0, 0, 1, 0]
