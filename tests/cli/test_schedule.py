"""`cnntrain schedule` shows the rates that a run then uses."""

import csv
import io

import pytest

SETTINGS = [
    "learning_rate=0.05",
    "learning_rate={schedule: step, initial: 0.1, factor: 0.5, every: 1}",
    "learning_rate={schedule: multistep, initial: 0.1, milestones: [1]}",
    "learning_rate={schedule: exponential, initial: 0.1, gamma: 0.5, warm_up: 1}",
    "learning_rate={schedule: inverse, initial: 0.1}",
    "learning_rate={schedule: polynomial, initial: 0.1, power: 2}",
    "learning_rate={schedule: cosine, initial: 0.1, final: 0.001}",
    "learning_rate={schedule: cosine_restarts, initial: 0.1, period: 1}",
    "learning_rate={schedule: one_cycle, initial: 0.01, maximum: 0.1}",
    "phases=[{learning_rate: 0.1, until: {epochs: 1}}, {learning_rate: 0.01}]",
    "phases=[{learning_rate: 0.1, until: {epochs: 1}}, "
    "{learning_rate: {schedule: cosine, initial: 0.1}}]",
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_rates_shown_are_those_of_the_run(digits, cnntrain, setting):
    shown = cnntrain("schedule", digits, "--csv", "--set", setting)
    assert shown.code == 0, shown.err
    expected = [(r["step"], r["learning_rate"]) for r in csv.DictReader(io.StringIO(shown.out))]
    options = ("--set", setting, "--set", "record_steps=1")
    assert cnntrain("fit", digits, "--quiet", *options).code == 0
    with (digits.parent / "runs" / "small" / "steps.csv").open() as file:
        assert [(r["step"], r["learning_rate"]) for r in csv.DictReader(file)] == expected


def test_the_table_has_a_line_an_epoch_and_a_plot(digits, cnntrain):
    setting = "learning_rate={schedule: step, initial: 0.1, factor: 0.5, every: 1}"
    out = cnntrain("schedule", digits, "--set", "epochs=3", "--set", setting).out
    header, *lines = out.splitlines()
    assert header.split() == ["epoch", "first", "step", "last", "step"]
    assert [line.split()[:3] for line in lines] == [
        ["1", "0.1", "0.1"],
        ["2", "0.05", "0.05"],
        ["3", "0.025", "0.025"],
    ]
    assert [line.count("#") for line in lines] == [40, 20, 10]


@pytest.mark.parametrize("epochs", [1, 2, 39, 40, 41, 50, 79, 80, 1000])
def test_at_most_forty_epochs_are_shown_the_first_and_the_last_among_them(digits, cnntrain, epochs):
    out = cnntrain("schedule", digits, "--set", f"epochs={epochs}").out
    shown = [int(line.split()[0]) for line in out.splitlines()[1:]]
    assert shown == sorted(set(shown))
    assert (shown[0], shown[-1]) == (1, epochs)
    assert min(epochs, 20) <= len(shown) <= 40


@pytest.mark.parametrize(
    "rate",
    ["1e308", "5e-324", "{schedule: cosine, initial: 1.7e308}"]
    + ["{schedule: inverse, initial: 1, gamma: 1000, power: 150}"]
    + ["{schedule: inverse, initial: 5e-324, warm_up: 1}"],
)
def test_rates_at_the_ends_of_the_range_of_floats_are_plotted(digits, cnntrain, rate):
    done = cnntrain("schedule", digits, "--set", f"learning_rate={rate}")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 3


def test_only_the_epochs_that_are_shown_are_computed(digits, cnntrain):
    setting = "learning_rate={schedule: cosine_restarts, initial: 1, growth: 1}"
    out = cnntrain("schedule", digits, "--set", "epochs=1000000000", "--set", setting).out
    assert out.splitlines()[-1].split()[0] == "1000000000"
