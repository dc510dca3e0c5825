"""Scales and their ticks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain.reports.scale import Scale

numbers = st.floats(-1e12, 1e12).filter(lambda v: v == 0 or abs(v) > 1e-12)


@given(st.lists(numbers, min_size=1), st.booleans())
def test_every_value_is_on_its_scale_and_comes_back(values, zero):
    scale = Scale.over(values, zero=zero)
    assert scale.low < scale.high
    for value in values:
        place = scale.place(value)
        assert -1e-9 <= place <= 1 + 1e-9
        room = 1e-6 * (scale.high - scale.low)
        assert math.isclose(scale.value(place), value, rel_tol=1e-6, abs_tol=room)


@given(st.lists(numbers, min_size=1))
def test_ticks_are_on_the_scale_in_order(values):
    scale = Scale.over(values)
    ticks = scale.ticks()
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 11
    assert all(
        -1e-6 <= scale.place(tick) <= 1 + 1e-6 for tick in ticks if tick > 0 or not scale.log
    )


def test_ticks_are_round():
    assert Scale(0.0, 10.0).ticks() == [0, 2, 4, 6, 8, 10]
    assert Scale(0.13, 0.88).ticks() == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert Scale(0.0002, 5.0, log=True).ticks() == pytest.approx([0.001, 0.01, 0.1, 1])
    assert Scale(0.0, 2.0, whole=True).ticks(6) == [0, 1, 2]


def test_a_scale_is_logarithmic_where_values_differ_a_hundredfold():
    assert Scale.over([0.01, 1.0]).log
    assert not Scale.over([0.011, 1.0]).log
    assert not Scale.over([0.0, 1.0]).log


def test_values_that_are_not_finite_do_not_count():
    assert Scale.over([math.nan, 1.0, math.inf, 2.0]) == Scale(1.0, 2.0)
    assert Scale.over([math.nan]) == Scale(0.0, 1.0)


@pytest.mark.parametrize("log", [False, True])
def test_rounding_is_no_difference(log):
    scale = Scale.over([0.05, 0.05 + 7e-18, 0.05 - 7e-18], log=log)
    assert scale.low < 0.03
    assert scale.high > 0.07


def test_zero_is_shown_where_it_is_near():
    assert Scale.over([0.2, 2.0]) == Scale(0.0, 2.0)
    assert Scale.over([1.0, 2.0]) == Scale(1.0, 2.0)
    assert Scale.over([0.2, 2.0], log=True) == Scale(0.2, 2.0, log=True)
