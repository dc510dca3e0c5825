"""Schedules against written-out values."""

import pytest

from cnntrain.optim.schedules import constant, step


def test_constant_is_constant():
    assert [constant(0.3)(t) for t in (0.0, 0.5, 7.0)] == [0.3, 0.3, 0.3]


def test_step_lowers_the_rate_after_each_whole_period():
    rate = step(1.0, factor=0.1, every=2)
    values = [rate(t) for t in (0.0, 1.0, 1.999, 2.0, 3.999, 4.0, 6.0)]
    assert values == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01, 0.001])


def test_step_at_the_first_step_of_an_epoch_counts_as_that_epoch():
    rate = step(1.0, factor=0.5, every=1)
    steps_per_epoch = 7
    for epoch in range(50):
        assert rate(epoch * steps_per_epoch / steps_per_epoch) == 0.5**epoch
