"""Schedules against written-out values."""

import math

import pytest
from pydantic import TypeAdapter

from cnntrain.config.rates import LearningRate
from cnntrain.optim.phases import Phase
from cnntrain.optim.schedules import (
    SCHEDULES,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse,
    multistep,
    one_cycle,
    polynomial,
    step,
    warm_up,
)


def values(schedule, *times):
    return [schedule(t) for t in times]


def test_constant():
    assert values(constant(0.3, epochs=5), 0.0, 0.5, 7.0) == [0.3, 0.3, 0.3]


def test_step_falls_after_each_whole_period():
    rate = step(1.0, epochs=10, factor=0.1, every=2)
    found = values(rate, 0.0, 1.0, 1.999, 2.0, 3.999, 4.0, 6.0)
    assert found == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01, 0.001])


def test_the_first_step_of_an_epoch_counts_as_that_epoch():
    rate, steps_per_epoch = step(1.0, epochs=50, factor=0.5, every=1), 7
    for epoch in range(50):
        assert rate(epoch * steps_per_epoch / steps_per_epoch) == 0.5**epoch


def test_multistep_falls_at_each_milestone_and_ignores_those_beyond_the_end():
    rate = multistep(1.0, epochs=4, milestones=[1, 3, 99], factor=0.1)
    found = values(rate, 0.0, 0.999, 1.0, 2.5, 3.0, 50.0)
    assert found == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


def test_exponential():
    assert values(exponential(2.0, epochs=9, gamma=0.5), 0, 1, 2, 2.5) == pytest.approx(
        [2, 1, 0.5, 2 * 0.5**2.5]
    )


def test_inverse():
    assert values(inverse(1.0, epochs=9, gamma=0.5, power=2.0), 0, 2, 4) == pytest.approx(
        [1, 1 / 4, 1 / 9]
    )


def test_polynomial_ends_at_the_final_rate_and_stays_there():
    rate = polynomial(1.0, epochs=4, power=2.0, final=0.2)
    assert values(rate, 0, 2, 4, 8) == pytest.approx([1, 0.2 + 0.8 / 4, 0.2, 0.2])


def test_cosine_is_halfway_in_the_middle():
    assert values(cosine(1.0, epochs=4, final=0.0), 0, 1, 2, 4, 6) == pytest.approx(
        [1, (1 + math.sqrt(0.5)) / 2, 0.5, 0, 0]
    )


def test_cosine_restarts_start_anew_after_growing_periods():
    rate = cosine_restarts(1.0, epochs=99, period=2, growth=2.0, final=0.0)
    assert values(rate, 0, 1, 1.999999, 2, 4, 6, 10) == pytest.approx(
        [1, 0.5, 0, 1, 0.5, 1, 0.5], abs=1e-6
    )


def test_one_cycle_rises_in_a_line_and_falls_along_a_cosine():
    rate = one_cycle(0.1, epochs=10, maximum=1.0, warm_up_fraction=0.4, final=0.0)
    assert values(rate, 0, 2, 4, 7, 10, 12) == pytest.approx([0.1, 0.55, 1.0, 0.5, 0, 0])


def test_warm_up_is_linear_in_the_steps_and_never_zero():
    factor = warm_up(epochs=2, steps_per_epoch=5)
    found = [factor(number / 5) for number in range(12)]
    assert found == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1])


def test_no_warm_up_is_a_factor_of_one():
    assert values(warm_up(epochs=0, steps_per_epoch=4), 0.0, 3.0) == [1.0, 1.0]


def test_warm_up_multiplies_the_schedule_and_does_not_shift_it():
    plain = exponential(1.0, epochs=9, gamma=0.5)
    phase = Phase(None, plain, warm_up(1, 4), None, None, until_plateau=False, stepwise=False)
    assert phase.rate(0.25) == pytest.approx(0.5 * plain(0.25))
    assert phase.rate(3.0) == plain(3.0)


NEEDED = {"multistep": {"milestones": [2]}, "one_cycle": {"maximum": 1.0}}


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_every_schedule_starts_at_its_initial_rate_and_is_pure(name):
    given = {"schedule": name, "initial": 0.3, **NEEDED.get(name, {})}
    described = TypeAdapter(LearningRate).validate_python(given)
    settings = described.model_dump(exclude={"schedule", "warm_up", "on_plateau"})
    rate = SCHEDULES[name](epochs=10, **settings)
    assert rate(0.0) == pytest.approx(0.3)
    forwards = values(rate, *range(20))
    assert values(rate, *reversed(range(20))) == forwards[::-1]
