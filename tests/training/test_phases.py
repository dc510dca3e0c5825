"""Phases, and rates lowered at saturation, in real runs."""

import csv
import json

import numpy as np
import pytest

from cnntrain.runs import checkpoint_file as checkpoint

from ..run_files import events


def rates(run):
    with (run / "metrics.csv").open() as file:
        return [float(row["learning_rate"]) for row in csv.DictReader(file)]


def test_saturation_lowers_the_rate_and_is_an_event(digits, cnntrain):
    done = cnntrain(
        "fit", digits, "--quiet", "--set", "epochs=6", "--set",
        "learning_rate={schedule: constant, initial: 0.1, on_plateau: "
        "{factor: 0.5, patience: 1, min_delta: 100}}",
    )  # fmt: skip
    assert done.code == 0, done.err
    run = digits.parent / "runs" / "small"
    assert rates(run) == pytest.approx([0.1, 0.1, 0.05, 0.025, 0.0125, 0.00625])
    found = events(run, "learning_rate")
    assert [event["epoch"] for event in found] == [2, 3, 4, 5]
    assert {event["cause"] for event in found} == {"plateau"}


def test_a_plateau_multiplies_what_the_schedule_gives(digits, cnntrain):
    cnntrain(
        "fit", digits, "--quiet", "--set", "epochs=4", "--set",
        "learning_rate={schedule: step, initial: 0.1, factor: 0.1, every: 3, on_plateau: "
        "{factor: 0.5, patience: 2, min_delta: 100}}",
    )  # fmt: skip
    assert rates(digits.parent / "runs" / "small") == pytest.approx([0.1, 0.1, 0.1, 0.005])


def falls(run):
    """The falls of the rate, each with its epoch, cause, and the rates before and after it."""
    return [
        (event["epoch"], event["cause"], pytest.approx(event["old"]), pytest.approx(event["new"]))
        for event in events(run, "learning_rate")
    ]


def test_where_schedule_and_saturation_meet_the_schedule_falls_first(digits, cnntrain):
    done = cnntrain(
        "fit", digits, "--set", "epochs=3", "--set",
        "learning_rate={schedule: step, initial: 0.1, factor: 0.1, every: 2, on_plateau: "
        "{factor: 0.5, patience: 1, min_delta: 100}}",
    )  # fmt: skip
    run = digits.parent / "runs" / "small"
    assert falls(run) == [(2, "schedule", 0.1, 0.01), (2, "plateau", 0.01, 0.005)]
    assert rates(run) == pytest.approx([0.1, 0.1, 0.005])
    lines = [line.split()[0] for line in done.err.splitlines()]
    assert lines == [
        "runs/small:",
        "epoch",
        "1/3",
        "2/3",
        "learning",
        "learning",
        "3/3",
        "finished:",
    ]


def test_a_warm_up_is_no_fall_of_the_schedule(digits, cnntrain):
    """Not where the rate still rises, and a fall within the warm-up is told once."""
    rate = "{schedule: step, initial: 0.1, factor: 0.1, every: 4, warm_up: 2.5}"
    cnntrain("fit", digits, "--quiet", "--set", "epochs=6", "--set", f"learning_rate={rate}")
    assert falls(digits.parent / "runs" / "small") == [(4, "schedule", 0.1, 0.01)]


def test_a_fall_of_the_schedule_below_the_minimum_is_none(digits, cnntrain):
    cnntrain(
        "fit", digits, "--quiet", "--set", "epochs=5", "--set",
        "learning_rate={schedule: step, initial: 0.1, factor: 0.9, every: 2, on_plateau: "
        "{factor: 0.5, patience: 1, min_delta: 100, minimum: 0.05}}",
    )  # fmt: skip
    run = digits.parent / "runs" / "small"
    assert rates(run) == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.05])
    assert falls(run) == [(2, "schedule", 0.1, 0.09), (2, "plateau", 0.09, 0.05)]


@pytest.mark.parametrize(("until", "cause"), [("{epochs: 2}", "epochs"), ("plateau", "plateau")])
def test_training_ends_with_the_last_phase(digits, cnntrain, until, cause):
    rate = "{schedule: constant, initial: 0.01, on_plateau: {patience: 1, min_delta: 100}}"
    phases = (
        f"[{{learning_rate: 0.1, until: {{epochs: 1}}}}, {{learning_rate: {rate}, until: {until}}}]"
    )
    given = ("--set", "epochs=8", "--set", f"phases={phases}")
    done = cnntrain("fit", digits, "--json", *given)
    summary = json.loads(done.out)
    assert (done.code, summary["status"], summary["epochs"]) == (0, "finished", 3)
    assert summary["stop_reason"] == f"phase 2, the last one, is over ({cause})"
    assert len(cnntrain("schedule", digits, *given).out.splitlines()) == (
        4 if cause == "epochs" else 9
    )
    more = ("--set", "epochs=9", "--resume")
    again = cnntrain("fit", digits, "--json", "--quiet", *given, *more)
    assert (again.code, json.loads(again.out)["epochs"]) == (0, 3)


def test_phases_by_epochs_change_optimizer_and_rate(digits, cnntrain):
    phases = (
        "[{optimizer: {type: adam}, learning_rate: 0.001, until: {epochs: 2}}, "
        "{learning_rate: {schedule: exponential, initial: 0.02, gamma: 0.5}}]"
    )
    done = cnntrain(
        "fit",
        digits,
        "--set",
        "epochs=4",
        "--set",
        f"phases={phases}",
        "--set",
        "checkpoint.keep=4",
    )
    assert done.code == 0, done.err
    run = digits.parent / "runs" / "small"
    steps = 21
    assert rates(run) == pytest.approx(
        [0.001, 0.001, 0.02 * 0.5 ** ((steps - 1) / steps), 0.02 * 0.5 ** ((2 * steps - 1) / steps)]
    )
    (event,) = events(run, "phase")
    assert (event["epoch"], event["phase"], event["cause"]) == (2, 2, "epochs")
    assert "phase 2 begins (epochs), learning rate 0.02" in done.err
    first, _ = checkpoint.read(run / "checkpoints" / "epoch-0001.safetensors")
    second, _ = checkpoint.read(run / "checkpoints" / "epoch-0002.safetensors")
    assert {"optimizer/mean", "optimizer/square", "optimizer/step"} <= set(first)
    assert not any(name.startswith("optimizer/") for name in second)  # plain SGD keeps nothing


def test_a_phase_until_plateau_ends_at_saturation(digits, cnntrain):
    phases = (
        "[{optimizer: {type: adam}, learning_rate: {schedule: constant, initial: 0.001, "
        "on_plateau: {patience: 1, min_delta: 100}}, until: plateau}, {learning_rate: 0.0001}]"
    )
    done = cnntrain("fit", digits, "--quiet", "--set", "epochs=4", "--set", f"phases={phases}")
    assert done.code == 0, done.err
    assert rates(digits.parent / "runs" / "small") == [0.001, 0.001, 0.0001, 0.0001]


def test_a_phase_change_resets_the_patience_of_early_stopping(digits, cnntrain):
    phases = "[{learning_rate: 1e-30, until: {epochs: 2}}, {learning_rate: 1e-30}]"
    done = cnntrain(
        "fit", digits, "--quiet", "--json", "--set", "epochs=9", "--set", f"phases={phases}",
        "--set", "early_stopping={patience: 2}",
    )  # fmt: skip
    # Epoch 1 sets the reference, 2 is a miss; then anew: 3 sets it, 4 and 5 are misses.
    assert json.loads(done.out)["epochs"] == 5


def test_w_is_carried_over_to_the_next_phase(digits, cnntrain):
    """A second phase of rate ~0 leaves w where the first one ended."""
    phases = "[{learning_rate: 0.05, until: {epochs: 1}}, {learning_rate: 1e-30}]"
    cnntrain("fit", digits, "--quiet", "--set", f"phases={phases}")
    folder = digits.parent / "runs" / "small" / "checkpoints"
    first, _ = checkpoint.read(folder / "epoch-0001.safetensors")
    second, _ = checkpoint.read(folder / "epoch-0002.safetensors")
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("phases=[{learning_rate: 1}, {learning_rate: 1}]", "missing key phases.0.until"),
        ("phases=[]", "invalid phases"),
        ("convergence={patience: 2}", "convergence without a bound"),
        ("learning_rate=none", "learning_rate: none without phases"),
    ],
)
def test_wrong_settings_are_named(digits, cnntrain, setting, message):
    done = cnntrain("fit", digits, "--set", setting)
    assert done.code == 2
    assert message in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("kind", ["nesterov", "adam", "adamw", "adagrad", "rmsprop"])
def test_every_optimizer_trains_and_keeps_its_memory(digits, cnntrain, kind):
    rate = 0.05 if kind in {"nesterov", "adagrad"} else 0.005
    done = cnntrain(
        "fit", digits, "--quiet", "--set", f"optimizer={{type: {kind}}}",
        "--set", f"learning_rate={rate}", "--set", "epochs=3",
    )  # fmt: skip
    assert done.code == 0, done.err
    run = digits.parent / "runs" / "small"
    with (run / "metrics.csv").open() as file:
        assert float(list(csv.DictReader(file))[-1]["validation_error"]) < 0.35
    arrays, _ = checkpoint.read(run / "checkpoints" / "last.safetensors")
    assert any(name.startswith("optimizer/") for name in arrays)


@pytest.mark.parametrize(
    ("settings", "warnings"),
    [
        (
            ["phases=[{learning_rate: 0.1}]"],
            [
                "small.yaml:14:12: optimizer has no effect, phases win over it",
                "small.yaml:13:16: learning_rate has no effect, phases win over it",
            ],
        ),
        (
            ["early_stopping={patience: 3}", "epochs=6", "target_error=0.9"],
            [],
        ),
        (
            [
                "phases=[{learning_rate: 0.1, until: {epochs: 1}}, {learning_rate: 0.01}]",
                "optimizer=none",
                "learning_rate=none",
                "target_error=0.95",
            ],
            ["phase 2 was not reached"],
        ),
        (
            ["record_steps=1000", "checkpoint.every_steps=42"],
            [
                "--set record_steps=1000: record_steps is 1000, with 42 steps: it never happens",
            ],
        ),
    ],
)
def test_what_may_not_be_meant_is_said_once(digits, cnntrain, settings, warnings):
    options = [part for setting in settings for part in ("--set", setting)]
    done = cnntrain("fit", digits.name, *options)
    assert done.code == 0, done.err
    lines = [line.removeprefix("warning: ") for line in done.err.splitlines() if "warning" in line]
    assert lines == warnings
    run = digits.parent / "runs" / "small"
    assert [event["message"] for event in events(run, "warning")] == warnings
    if "win" in str(warnings):  # the resolved config has nothing left to warn of
        again = cnntrain("fit", run / "config.yaml", "--run", "again")
        assert "warning" not in again.err


def test_settings_that_a_resumed_run_changes_are_warned_of(digits, cnntrain):
    options = ("--set", "early_stopping={}")
    assert cnntrain("fit", digits, *options).err.count("patience is 5, with 2 epochs") == 1
    options = ("--resume", *options, "--set", "epochs=3")
    assert cnntrain("fit", digits, *options).err.count("patience is 5, with 3 epochs") == 1
    assert "warning" not in cnntrain("fit", digits, *options).err
