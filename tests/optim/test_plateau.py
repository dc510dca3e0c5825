"""When a plateau lowers the rate, by written-out tables."""

import math

import pytest

from cnntrain.optim.plateau import Plateau, PlateauCounter


def plateau(**settings):
    return PlateauCounter(Plateau(**settings))


def reductions(values, **settings):
    """The epochs, from 1, after which the rate is lowered."""
    rule = plateau(**settings)
    return [epoch for epoch, value in enumerate(values, start=1) if rule.update(value)]


@pytest.mark.parametrize(
    ("cooldown", "epochs"), [(0, [3, 5, 7]), (1, [3, 6, 9]), (2, [3, 7, 11]), (3, [3, 8])]
)
def test_a_constant_value_with_patience_2(cooldown, epochs):
    found = reductions([1.0] * 12, patience=2, cooldown=cooldown)
    assert found[: len(epochs)] == epochs


def test_patience_1_lowers_at_the_first_miss():
    assert reductions([1.0, 1.0, 0.5, 0.5], patience=1) == [2, 4]


def test_an_improvement_must_exceed_min_delta_over_the_value_at_the_last_reset():
    assert reductions([1.0, 0.95, 0.92, 0.85, 0.84], patience=2, min_delta=0.1) == [3]


def test_an_improvement_during_the_cooldown_moves_the_reference():
    # lowered after 2; epochs 3 and 4 cool, of which 3 improves; 0.4 is then a miss
    assert reductions([1.0, 1.0, 0.3, 0.5, 0.4, 0.4], patience=1, cooldown=2) == [2, 5]


def test_nan_is_never_an_improvement():
    assert reductions([1.0, math.nan, math.nan], patience=2) == [3]


def test_each_reduction_multiplies_the_scheduled_rate_once_more():
    rule = plateau(factor=0.5)
    assert rule.rate(0.8) == 0.8
    assert rule.lower(0.8)
    assert rule.lower(0.8)
    assert rule.rate(0.8) == pytest.approx(0.2)
    assert rule.rate(0.4) == pytest.approx(0.1)


def test_the_rate_is_not_lowered_below_the_minimum():
    rule = plateau(factor=0.1, minimum=0.05)
    assert rule.lower(1.0)
    assert rule.lower(1.0)
    assert rule.rate(1.0) == 0.05
    assert not rule.lower(1.0)
    assert rule.rate(1.0) == 0.05
    assert rule.rate(0.01) == 0.01  # the minimum never raises a rate


def test_the_state_goes_on_where_it_was():
    values = [1.0, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7]
    whole, first, second = (plateau(patience=2, cooldown=1) for _ in range(3))
    expected = [whole.update(value) for value in values]
    found = [first.update(value) for value in values[:4]]
    second.restore(first.state())
    assert found + [second.update(value) for value in values[4:]] == expected
    assert True in expected


def test_a_share_of_the_best_value_is_least():
    assert reductions([1.0, 0.95, 0.86, 0.80, 0.75], patience=1, min_delta="10%") == [2, 4]


def test_what_must_rise_saturates_when_it_rises_no_more():
    rising = [0.5, 0.6, 0.7, 0.69, 0.7, 0.71]
    assert reductions(rising, patience=2, monitor="macro_f1") == [5]
    assert reductions(rising, patience=2, monitor="balanced_error") == [3, 5]
    assert reductions(rising, patience=1, monitor="macro_f1", min_delta="15%") == [4, 5, 6]
