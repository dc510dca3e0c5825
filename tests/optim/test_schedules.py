"""Schedules against written-out values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cnntrain.optim.phases import Phase, RunningPhase
from cnntrain.optim.schedules import SCHEDULES


def schedule(name, epochs=10, **settings):
    """The rate as a function of t alone."""
    described = SCHEDULES[name](**settings)
    return lambda t: described.rate(t, epochs)


def values(rate, *times):
    return [rate(t) for t in times]


def test_constant():
    assert values(schedule("constant", initial=0.3, epochs=5), 0.0, 0.5, 7.0) == [0.3, 0.3, 0.3]


def test_step_falls_after_each_whole_period():
    rate = schedule("step", initial=1.0, epochs=10, factor=0.1, every=2)
    found = values(rate, 0.0, 1.0, 1.999, 2.0, 3.999, 4.0, 6.0)
    assert found == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01, 0.001])


def test_the_first_step_of_an_epoch_counts_as_that_epoch():
    rate, steps_per_epoch = schedule("step", initial=1.0, epochs=50, factor=0.5, every=1), 7
    for epoch in range(50):
        assert rate(epoch * steps_per_epoch / steps_per_epoch) == 0.5**epoch


def test_multistep_falls_at_each_milestone_and_ignores_those_beyond_the_end():
    rate = schedule("multistep", initial=1.0, epochs=4, milestones=(1, 3, 99), factor=0.1)
    found = values(rate, 0.0, 0.999, 1.0, 2.5, 3.0, 50.0)
    assert found == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


def test_exponential():
    assert values(
        schedule("exponential", initial=2.0, epochs=9, gamma=0.5), 0, 1, 2, 2.5
    ) == pytest.approx([2, 1, 0.5, 2 * 0.5**2.5])


def test_inverse():
    assert values(
        schedule("inverse", initial=1.0, epochs=9, gamma=0.5, power=2.0), 0, 2, 4
    ) == pytest.approx([1, 1 / 4, 1 / 9])


def test_polynomial_ends_at_the_final_rate_and_stays_there():
    rate = schedule("polynomial", initial=1.0, epochs=4, power=2.0, final=0.2)
    assert values(rate, 0, 2, 4, 8) == pytest.approx([1, 0.2 + 0.8 / 4, 0.2, 0.2])


def test_cosine_is_halfway_in_the_middle():
    assert values(
        schedule("cosine", initial=1.0, epochs=4, final=0.0), 0, 1, 2, 4, 6
    ) == pytest.approx([1, (1 + math.sqrt(0.5)) / 2, 0.5, 0, 0])


def test_cosine_restarts_start_anew_after_growing_periods():
    rate = schedule("cosine_restarts", initial=1.0, epochs=99, period=2, growth=2.0, final=0.0)
    assert values(rate, 0, 1, 1.999999, 2, 4, 6, 10) == pytest.approx(
        [1, 0.5, 0, 1, 0.5, 1, 0.5], abs=1e-6
    )


def test_one_cycle_rises_in_a_line_and_falls_along_a_cosine():
    rate = schedule(
        "one_cycle", initial=0.1, epochs=10, maximum=1.0, warm_up_fraction=0.4, final=0.0
    )
    assert values(rate, 0, 2, 4, 7, 10, 12) == pytest.approx([0.1, 0.55, 1.0, 0.5, 0, 0])


def test_one_cycle_may_fall_in_a_line():
    about = {"initial": 0.1, "epochs": 10, "maximum": 1.0, "warm_up_fraction": 0.4}
    rate = schedule("one_cycle", **about, final=0.4, fall="linear")
    assert values(rate, 0, 2, 4, 7, 8.5, 10, 12) == pytest.approx(
        [0.1, 0.55, 1.0, 0.7, 0.55, 0.4, 0.4]
    )
    plain, cosine = schedule("one_cycle", **about), schedule("one_cycle", **about, fall="cosine")
    assert values(plain, *range(12)) == values(cosine, *range(12))


def test_warm_up_is_linear_in_the_steps_and_never_zero():
    described = SCHEDULES["constant"](initial=1.0, warm_up=2.0)
    found = [described.warming(number / 5, steps_per_epoch=5) for number in range(12)]
    assert found == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1])


def test_no_warm_up_is_a_factor_of_one():
    described = SCHEDULES["constant"](initial=1.0)
    assert [described.warming(t, steps_per_epoch=4) for t in (0.0, 3.0)] == [1.0, 1.0]


def test_warm_up_multiplies_the_schedule_and_does_not_shift_it():
    described = SCHEDULES["exponential"](initial=1.0, gamma=0.5, warm_up=1.0)
    phase = RunningPhase(Phase(learning_rate=described), 9, 4, None)
    assert phase.rate(0.25) == pytest.approx(0.5 * described.rate(0.25, 9))
    assert phase.rate(3.0) == described.rate(3.0, 9)


NEEDED = {"multistep": {"milestones": (2,)}, "one_cycle": {"maximum": 1.0}}


@pytest.mark.parametrize("name", list(SCHEDULES.kinds))
def test_every_schedule_starts_at_its_initial_rate_and_is_pure(name):
    rate = schedule(name, initial=0.3, **NEEDED.get(name, {}))
    assert rate(0.0) == pytest.approx(0.3)
    forwards = values(rate, *range(20))
    assert values(rate, *reversed(range(20))) == forwards[::-1]


EXTREMES = [5e-324, 1e-308, 1e-10, 0.1, 1.0, 3.0, 150.0, 1e10, 1e300, 1.7e308]


@given(st.data(), st.sampled_from(sorted(SCHEDULES.kinds)))
def test_a_rate_is_finite_whatever_the_settings(data, word):
    """Rates, factors and powers may be any numbers of float64; what is too small for it is 0."""
    settings = {}
    for key, field in SCHEDULES[word].model_fields.items():
        if field.annotation is float and (field.is_required() or data.draw(st.booleans())):
            settings[key] = data.draw(st.sampled_from(EXTREMES), key)
        elif key == "milestones":
            settings[key] = [1, 2, 10**9]
    try:
        described = SCHEDULES[word](**settings)
    except ValidationError:
        return
    epochs = data.draw(st.sampled_from([1, 3, 1000]), "epochs")
    for t in (0, 0.5, 1, epochs / 2, epochs - 1, epochs, epochs + 5):
        assert 0 <= described.rate(t, epochs) * described.warming(t, 7) < math.inf


def test_inverse_beyond_the_range_of_floats():
    assert schedule("inverse", initial=1.0, gamma=1000.0, power=150.0)(3) == 0
    assert schedule("inverse", initial=1e300, gamma=10.0, power=310.0)(1) == pytest.approx(
        1e300 / 11.0**155 / 11.0**155
    )
    slow = schedule("inverse", initial=1.0, gamma=1e308, power=0.001)(20)
    assert slow == pytest.approx(10 ** (-0.001 * (308 + math.log10(20))))


def test_waves_of_one_length_do_not_take_longer_the_later_they_are():
    rate = schedule("cosine_restarts", initial=1.0, period=1, growth=1.0)
    assert rate(1e9 + 0.5) == rate(0.5) == pytest.approx(0.5)
