"""Metrics of a classifier's answers: by loops over the samples, and what is said of each column."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain.metrics import MEASURES, METRICS, Column, Metric, cost, criterion, of_answers
from cnntrain.runs.rows import Row


def answer(p):
    """The likeliest class, of equally likely ones the lowest."""
    return max(range(len(p)), key=lambda c: (p[c], -c))


def slow_balanced_error(labels, p):
    errors = []
    for c in range(len(p[0])):
        own = [answer(q) != c for label, q in zip(labels, p, strict=True) if label == c]
        if own:
            errors.append(sum(own) / len(own))
    return sum(errors) / len(errors)


def slow_macro_f1(labels, p):
    pairs, found = [(label, answer(q)) for label, q in zip(labels, p, strict=True)], []
    for c in range(len(p[0])):
        hits = sum(pair == (c, c) for pair in pairs)
        only_label = sum(label == c != given for label, given in pairs)
        only_answer = sum(given == c != label for label, given in pairs)
        if hits + only_label + only_answer:
            found.append(hits / (hits + (only_label + only_answer) / 2))
    return sum(found) / len(found)


def slow_top5_error(labels, p):
    misses = 0
    for label, q in zip(labels, p, strict=True):
        likeliest = sorted(range(len(q)), key=lambda c: (-q[c], c))[:5]
        misses += label not in likeliest
    return misses / len(labels)


SLOW = [slow_balanced_error, slow_macro_f1, slow_top5_error]


@given(st.integers(2, 9), st.integers(1, 30), st.integers(0, 2**32 - 1), st.booleans())
def test_metrics_are_those_of_plain_loops(classes, n, seed, tied):
    random = np.random.default_rng(seed)
    labels, p = random.integers(0, classes, size=n), random.random(size=(n, classes))
    if tied:
        p = np.round(3 * p)
    found = [metric(labels, p) for metric in METRICS.values()]
    assert found == pytest.approx([slow(labels.tolist(), p.tolist()) for slow in SLOW], abs=1e-12)
    assert {type(value) for value in found} == {float}  # as a cell of metrics.csv can hold it


def test_a_class_that_never_occurs_and_is_never_answered_counts_for_nothing():
    labels, p = np.array([0, 0, 2]), np.eye(4)[[0, 2, 2]]
    assert METRICS["balanced_error"](labels, p) == (1 / 2 + 0) / 2
    assert METRICS["macro_f1"](labels, p) == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_one_that_is_answered_without_need_counts_in_f1():
    labels, p = np.array([0, 0, 2]), np.eye(4)[[0, 1, 2]]
    assert METRICS["macro_f1"](labels, p) == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_the_five_likeliest_of_equally_likely_classes_are_the_lowest():
    assert METRICS["top5_error"](np.arange(7), np.ones((7, 7))) == 2 / 7


@pytest.mark.parametrize(("classes", "names"), [(5, ["balanced_error", "macro_f1"]), (6, METRICS)])
def test_a_metric_takes_classes_enough(classes, names):
    assert list(of_answers(np.array([0]), np.ones((1, classes)))) == list(names)


def test_every_column_is_described_once():
    assert tuple(MEASURES) == get_args(Column)
    assert tuple(METRICS) == get_args(Metric)
    assert set(MEASURES) < {field.name for field in fields(Row)}
    assert set(METRICS) < set(MEASURES)


@pytest.mark.parametrize("column", MEASURES)
def test_the_cost_falls_as_a_value_gets_better(column):
    better = 0.9 if column == "macro_f1" else 0.1
    assert cost(column, better) < cost(column, 0.5)
    assert cost("seconds", 0.5) == 0.5


@pytest.mark.parametrize(
    ("monitors", "known", "ranks"),
    [
        (["validation_error"] * 2, {"validation_error", "validation_loss"}, "validation_loss"),
        (["macro_f1"] * 2, {"macro_f1", "validation_loss"}, "macro_f1"),
        (["macro_f1", "validation_error"], {"macro_f1", "validation_loss"}, "validation_loss"),
        (["macro_f1", None], {"macro_f1", "validation_loss"}, "validation_loss"),
        (["train_loss"], {"train_loss", "validation_loss"}, "validation_loss"),
        (["macro_f1"], {"validation_loss"}, "validation_loss"),
        (["train_loss"], {"train_loss"}, "train_risk"),
        ([], set(), "train_risk"),
    ],
)
def test_runs_are_ranked_by_what_all_of_them_watch(monitors, known, ranks):
    assert criterion(monitors, known.__contains__, "train_risk") == ranks
