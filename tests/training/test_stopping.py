"""Patience and best, by written-out tables."""

import math

import pytest

from cnntrain.optim.patience import Patience
from cnntrain.runs.rows import Row
from cnntrain.training.stopping import Best

NAN = math.nan


@pytest.mark.parametrize(
    ("patience", "min_delta", "values", "stops_at"),
    [
        (1, 0.0, [0.5, 0.5], 2),  # patience 1: the first miss
        (1, 0.0, [0.5, 0.4, 0.3, 0.3], 4),
        (2, 0.0, [0.5, 0.6, 0.4, 0.4, 0.4], 5),  # an improvement resets the count
        (3, 0.0, [0.5, 0.5, 0.5, 0.5], 4),  # equal is no improvement
        (2, 0.1, [0.5, 0.45, 0.39, 0.35, 0.31], 5),  # against the value at the last reset
        (2, 0.1, [0.5, 0.4, 0.3], None),  # 0.4 is not smaller by MORE than 0.1, 0.3 is
        (2, 0.0, [0.5, NAN, NAN], 3),  # NaN is never an improvement
        (2, 0.0, [NAN, NAN], 2),
        (2, 0.0, [NAN, 0.5, NAN, 0.4], None),
        (1, "10%", [1.0, 0.89, 0.8011], 3),  # 0.8011 is not below 0.89 by more than 0.089
        (1, "10%", [10.0, 8.9, 8.0], None),  # a share, whatever the unit
        (1, "0.5%", [1.0, 0.996], 2),
        (1, "50%", [NAN], 1),
        (2, "50%", [NAN, 1.0, 0.4], None),
        (1, "10%", [-0.5, -0.54], 2),  # costs of what must rise: 0.54 is not 10 % above 0.5
        (1, "10%", [-0.5, -0.56], None),
        (1, "10%", [0.0, 0.0], 2),
    ],
)
def test_patience(patience, min_delta, values, stops_at):
    rule = Patience(patience, min_delta)
    exhausted = [rule.update(value) for value in values]
    expected = len(values) if stops_at is None else stops_at
    assert exhausted[: expected - 1] == [False] * (expected - 1)
    assert exhausted[-1] == (stops_at is not None)


def test_min_delta_is_exceeded_not_met():
    rule = Patience(1, 0.25)
    assert not rule.update(1.0)
    assert rule.update(0.75)


def best_epoch(pairs, monitor="validation_error"):
    best = Best(monitor)
    for epoch, (value, loss) in enumerate(pairs, start=1):
        row = Row(epoch, epoch, epoch, 0.1, 1.0, 0.5, loss, value, 1.0, macro_f1=value)
        best.update(row)
    return best.epoch


@pytest.mark.parametrize(
    ("pairs", "epoch"),
    [
        ([(0.3, 1.0), (0.2, 1.0), (0.25, 0.1)], 2),
        ([(0.2, 1.0), (0.2, 0.9), (0.2, 0.95)], 2),  # ties of the error: the smaller loss
        ([(0.2, 0.9), (0.2, 0.9)], 1),  # ties of both: the earlier epoch
        ([(NAN, NAN), (0.9, 5.0)], 2),
        ([(0.5, NAN), (0.5, 1.0)], 1),
        ([(NAN, 1.0)], 0),
    ],
)
def test_best_is_the_smallest_value_then_loss_then_epoch(pairs, epoch):
    assert best_epoch(pairs) == epoch


@pytest.mark.parametrize(
    ("pairs", "epoch"),
    [
        ([(0.3, 1.0), (0.4, 1.0), (0.35, 0.1)], 2),
        ([(0.2, 1.0), (0.2, 0.9), (0.2, 0.95)], 2),  # of ties the smaller loss, as ever
        ([(NAN, 1.0), (0.0, 1.0)], 2),
    ],
)
def test_of_what_must_rise_the_largest_is_the_best(pairs, epoch):
    assert best_epoch(pairs, "macro_f1") == epoch


def test_what_is_monitored_on_the_training_part_needs_no_validation_part():
    best = Best("train_loss")
    rows = [Row(n, n, n, 0.1, loss, 0.5, None, None, 1.0) for n, loss in enumerate((2, 1, 3), 1)]
    for row, better in zip(rows, [True, True, False], strict=True):
        resumed = Best("train_loss")
        resumed.restore(best.state())
        best = resumed
        assert best.update(row) == better
    assert (best.epoch, best.state()["loss"]) == (2, None)


def test_without_a_validation_part_the_last_epoch_is_the_best():
    best = Best("validation_error")
    rows = [Row(1, 1, 1, 0.1, loss, 0.5, None, None, 1.0) for loss in (1.0, 2.0)]
    assert [best.update(row) for row in rows] == [True, True]
    assert best.epoch == 0
