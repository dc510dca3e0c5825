"""What a sweep tries: combinations, names, rates."""

import json

import numpy as np
import pytest

from cnntrain.config import load_config
from cnntrain.errors import ConfigError, UsageError
from cnntrain.sweeps.grid import grid_plan, parse_over
from cnntrain.sweeps.lr import lr_plan
from cnntrain.sweeps.plan import make_plan, with_settings
from cnntrain.sweeps.rates import check_rates, rate_key, spaced_rates


@pytest.fixture
def config(digits):
    return load_config(digits)


def test_every_combination_with_every_seed_the_last_key_fastest(config):
    plan = make_plan(config, {"batch_size": [1, "full"], "loss": ["a", "b"]}, 2, {})
    assert [trial.name for trial in plan.trials] == [
        f"batch_size-{batch}-loss-{loss}-seed-{seed}"
        for batch in (1, "full")
        for loss in "ab"
        for seed in (0, 1)
    ]
    assert plan.trials[-1].settings == (("batch_size", "full"), ("loss", "b"))


def test_seeds_go_on_from_that_of_the_config(config):
    plan = make_plan(config.model_copy(update={"seed": 7}), {"batch_size": [1]}, 3, {})
    assert [trial.seed for trial in plan.trials] == [7, 8, 9]


def test_names_are_those_of_directories(config):
    plan = make_plan(config, {"layers.0.x": [{"type": "a/../b"}, "c d"]}, 1, {})
    assert [trial.name for trial in plan.trials] == ["x-type-a-..-b-seed-0", "x-c-d-seed-0"]
    with pytest.raises(UsageError, match="two trials would be called x-c-d-seed-0"):
        make_plan(config, {"x": ["c d", "c/d"]}, 1, {})
    plan = make_plan(config, {"x": [1e20, 1e-20, "a" * 300, "a" * 301]}, 1, {})
    names = [trial.name for trial in plan.trials]
    assert names[:2] == ["x-1.0e+20-seed-0", "x-1.0e-20-seed-0"]
    assert all(len(name) < 200 and name.endswith("-seed-0") for name in names)


def test_a_value_is_tried_once(config):
    for values, shown in (([0, 0.0], "0.0"), (["a", "b", "a"], "a"), ([{"t": 1}, {"t": 1.0}], "t")):
        with pytest.raises(UsageError, match=rf"x has the value .*{shown}.* twice"):
            make_plan(config, {"x": values}, 1, {})
    assert len(make_plan(config, {"x": [1, True]}, 1, {}).trials) == 2


def test_numbers_of_seeds_and_epochs_may_be_those_of_numpy(config):
    plan = lr_plan(config, np.array([0.1]), np.int64(1), np.int64(2))
    assert json.loads(json.dumps(plan.as_json())) == lr_plan(config, [0.1], 1, 2).as_json()


def test_values_may_be_those_of_numpy(config):
    plan = make_plan(config, {"batch_size": np.array([16, 32]), "x": (np.float32(0.5),)}, 1, {})
    assert json.dumps(plan.over) == '{"batch_size": [16, 32], "x": [0.5]}'
    assert check_rates(np.array([0.5, 0.25], dtype=np.float32)) == [0.25, 0.5]


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({}, "nothing to sweep over"),
        ({"x": []}, "no values for x"),
        ({"x": "1,2"}, "x: expected a list of values, found 1,2"),
    ],
)
def test_values_come_in_lists(config, over, message):
    with pytest.raises(UsageError, match=message):
        make_plan(config, over, 1, {})


def test_there_are_only_so_many_trials(config):
    with pytest.raises(UsageError, match="1,000,000,000 trials, expected at most 10,000"):
        make_plan(config, {"x": [1]}, 10**9, {})
    with pytest.raises(ConfigError, match="seed"):
        grid_plan(config.model_copy(update={"seed": 2**63 - 1}), {"batch_size": [1]}, 2)


@pytest.mark.parametrize("key", ["seed", "epochs", "max_minutes"])
def test_what_has_an_option_cannot_be_swept_over(config, key):
    with pytest.raises(UsageError, match=f"{key} cannot be swept over"):
        make_plan(config, {key: [1]}, 1, {"epochs": 2})


def test_rates_have_equal_ratios():
    assert spaced_rates(1e-4, 1, 5) == [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    assert spaced_rates(1e-4, 1, 9)[:3] == [1e-4, 3.16e-4, 1e-3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((1, 0.1, 3), "rates from 1 to 0.1, expected the smaller one first"),
        ((1, 1, 3), "the smaller one first"),
        ((0, 1, 3), "expected numbers > 0"),
        ((-1, 1, 3), "expected numbers > 0"),
        ((float("nan"), 1, 3), "expected numbers > 0"),
        ((1e-3, float("inf"), 3), "expected numbers > 0"),
        ((1e-3, 1, 1), "1 points, expected 2 to 1,000"),
        ((1e-3, 1, 10**9), "1000000000 points, expected 2 to 1,000"),
        ((0.1, 0.1001, 9), "too close together for 9 points"),
        ((1e-300, 1e300, 3), "their ratio is too large"),
    ],
)
def test_rates_that_cannot_be(given, message):
    with pytest.raises(UsageError, match=message):
        spaced_rates(*given)


def test_rates_that_are_given_come_in_rising_order():
    assert check_rates([0.1, 1, 0.01]) == [0.01, 0.1, 1.0]
    with pytest.raises(UsageError, match="no rates"):
        check_rates([])
    for rate in (0, -1, float("nan"), float("inf"), True, "x"):
        with pytest.raises(UsageError, match="expected a number > 0"):
            check_rates([0.1, rate])


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({}, "learning_rate.initial"),
        ({"learning_rate": {"schedule": "cosine", "initial": 0.1}}, "learning_rate.initial"),
        (
            {"learning_rate": {"schedule": "one_cycle", "initial": 0.01, "maximum": 0.1}},
            "learning_rate.maximum",
        ),
        (
            {"phases": [{"learning_rate": 0.1, "until": {"epochs": 1}}, {"learning_rate": 0.01}]},
            "phases.0.learning_rate.initial",
        ),
    ],
)
def test_the_rate_that_is_swept(digits, change, key):
    config = load_config(digits, overrides=change)
    assert rate_key(config) == key
    plan = lr_plan(config, [0.2, 0.3], epochs=2, seeds=1)
    assert list(plan.over) == [key]
    changed = with_settings(config, {key: 0.2})
    assert rate_key(changed) == key


def test_a_plan_over_rates_checks_its_settings(config):
    with pytest.raises(ConfigError, match="invalid epochs, found 0"):
        lr_plan(config, [0.1], epochs=0, seeds=1)


def test_what_to_sweep_over_is_yaml():
    over = parse_over(["batch_size=16,full", "optimizer={type: adam},{type: sgd, momentum: 0.9}"])
    assert over == {
        "batch_size": [16, "full"],
        "optimizer": [{"type": "adam"}, {"type": "sgd", "momentum": 0.9}],
    }


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "nothing to sweep over"),
        (["batch_size"], "expected KEY=VALUE,VALUE"),
        (["=1"], "expected KEY=VALUE"),
        (["batch_size="], "expected KEY=VALUE"),
        (["a=1", "a=2"], "a is there twice"),
        (["a=[1"], "error"),
    ],
)
def test_what_cannot_be_swept_over(texts, message):
    with pytest.raises(UsageError, match=message):
        parse_over(texts)


def test_a_grid_checks_its_settings(config):
    with pytest.raises(ConfigError, match="invalid batch_size, found 0"):
        grid_plan(config, {"batch_size": [16, 0]}, 1)
    with pytest.raises(ConfigError, match="unknown key"):
        grid_plan(config, {"nonsense": [1]}, 1)
