"""Rules for stopping, alone and in real runs."""

import csv
import json

import pytest

from cnntrain.optim.stopping import (
    Convergence,
    ConvergenceCounter,
    EarlyStopping,
    EarlyStoppingCounter,
    TargetErrorCounter,
)
from cnntrain.runs.rows import Row


def row(epoch=1, loss=1.0, norm=1.0, train=0.5, validation=0.5):
    return Row(epoch, epoch, epoch, 0.1, loss, train, 0.7, validation, norm)


def stops_at(rule, rows):
    """The epoch, from 1, after which the rule says to stop; None if never."""
    for epoch, entry in enumerate(rows, start=1):
        if rule.update(entry):
            return epoch
    return None


def test_convergence_counts_epochs_with_short_steps():
    norms = [1.0, 0.05, 0.2, 0.05, 0.05, 0.05]
    rule = ConvergenceCounter(Convergence(step_norm=0.1, patience=2))
    assert stops_at(rule, [row(norm=n) for n in norms]) == 5


def test_convergence_counts_epochs_with_small_changes_of_the_loss_up_or_down():
    losses = [1.0, 0.5, 0.49, 0.495, 0.3, 0.3]
    rule = ConvergenceCounter(Convergence(loss_decrease=0.02, patience=2))
    assert stops_at(rule, [row(loss=x) for x in losses]) == 4


def test_the_first_epoch_has_no_change_of_the_loss():
    rule = ConvergenceCounter(Convergence(loss_decrease=100.0, patience=1))
    assert stops_at(rule, [row(), row()]) == 2


def test_target_error_is_met_at_equality_and_uses_training_error_without_validation():
    assert stops_at(TargetErrorCounter(0.1), [row(validation=0.2), row(validation=0.1)]) == 2
    assert stops_at(TargetErrorCounter(0.1), [row(validation=None, train=0.05)]) == 1


@pytest.mark.parametrize(
    "rule",
    [
        EarlyStoppingCounter(EarlyStopping(monitor="validation_loss", patience=2)),
        ConvergenceCounter(Convergence(step_norm=0.5, loss_decrease=0.5, patience=2)),
        TargetErrorCounter(0.1),
    ],
)
def test_a_rule_goes_on_from_its_state_and_starts_anew_after_a_reset(rule):
    fresh = json.dumps(rule.state())
    rule.update(row(loss=1.0, norm=0.1))
    rule.update(row(loss=1.0, norm=0.1))
    seen = json.dumps(rule.state(), allow_nan=False)
    rule.reset()
    assert json.dumps(rule.state()) == fresh
    rule.restore(json.loads(seen))
    assert json.dumps(rule.state()) == seen


def rows(run):
    with (run / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def summary(run):
    return json.loads((run / "summary.json").read_text())


@pytest.mark.parametrize(
    ("setting", "status", "code"),
    [
        ("convergence={loss_decrease: 100, patience: 2}", "converged", 0),
        ("target_error=0.5", "target_reached", 0),
        ("max_minutes=1e-9", "time_limit", 7),
    ],
)
def test_a_run_stops_by_the_rule(digits, cnntrain, setting, status, code):
    done = cnntrain("fit", digits, "--quiet", "--set", "epochs=30", "--set", setting)
    assert done.code == code
    run = digits.parent / "runs" / "small"
    assert summary(run)["status"] == status
    assert summary(run)["exit_code"] == code
    assert len(rows(run)) < 30


def test_time_that_is_over_with_the_last_epoch_has_stopped_nothing(digits, cnntrain):
    done = cnntrain("fit", digits, "--json", "--set", "epochs=1", "--set", "max_minutes=1e-9")
    assert (done.code, json.loads(done.out)["status"]) == (0, "finished")


def test_drop_last_leaves_out_the_smaller_last_batch(digits, cnntrain):
    """1,294 samples are 20 batches of 64, and 14 samples more."""
    given = ("--set", "drop_last=true", "--set", "epochs=1")
    assert cnntrain("fit", digits, "--quiet", *given).code == 0
    (row,) = rows(digits.parent / "runs" / "small")
    assert (row["step"], row["samples"]) == ("20", "1280")


def test_evaluate_train_full_measures_the_training_part_at_the_end_of_an_epoch(digits, cnntrain):
    cnntrain("fit", digits, "--quiet", "--set", "evaluate_train=full")
    run = digits.parent / "runs" / "small"
    last = rows(run)[-1]
    checkpoint = run / "checkpoints" / "last.safetensors"
    report = json.loads(cnntrain("evaluate", checkpoint, "--split", "train", "--json").out)
    assert float(last["train_risk"]) == report["loss"]
    assert float(last["train_zero_one"]) == report["zero_one_error"]
    assert list(last)[-2:] == ["train_risk", "train_zero_one"]
    cnntrain("fit", digits, "--quiet", "--run", "plain")
    assert [float(r["train_loss"]) for r in rows(run)] == [
        float(r["train_loss"]) for r in rows(digits.parent / "plain")
    ]


def test_record_steps_writes_every_nth_step(digits, cnntrain):
    cnntrain("fit", digits, "--quiet", "--set", "record_steps=5")
    run = digits.parent / "runs" / "small"
    with (run / "steps.csv").open() as file:
        steps = list(csv.DictReader(file))
    assert list(steps[0]) == [
        "step",
        "samples",
        "learning_rate",
        "loss",
        "gradient_norm",
        "step_norm",
    ]
    assert [int(s["step"]) for s in steps] == list(range(5, 43, 5))
    assert int(steps[0]["samples"]) == 5 * 64
    assert not (digits.parent / "plain" / "steps.csv").exists()


def test_without_momentum_a_step_is_rate_times_gradient(digits, cnntrain):
    cnntrain(
        "fit", digits, "--quiet", "--set", "record_steps=1", "--set", "epochs=1",
        "--set", "optimizer.momentum=0", "--set", "compute.dtype=float64",
    )  # fmt: skip
    with (digits.parent / "runs" / "small" / "steps.csv").open() as file:
        for step in csv.DictReader(file):
            expected = float(step["learning_rate"]) * float(step["gradient_norm"])
            assert float(step["step_norm"]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "asked"),
    [
        ("{type: sgd}", lambda n, t: (t["gradients"], t["losses"], t["products"]) == (n, 0, 0)),
        (
            "{type: spsa}",
            lambda n, t: (t["gradients"], t["losses"], t["products"]) == (0, 2 * n, 0),
        ),
        ("{type: gradient_descent}", lambda n, t: t["gradients"] == n and t["losses"] >= n),
        ("{type: hessian_free}", lambda n, t: t["gradients"] == n and t["products"] >= 2 * n),
    ],
)
def test_what_an_epoch_costs_is_written_down(digits, cnntrain, optimizer, asked):
    done = cnntrain(
        "fit", digits, "--quiet", "--set", f"optimizer={optimizer}", "--set", "batch_size=full"
    )
    assert done.code == 0, done.err
    with (digits.parent / "runs" / "small" / "timings.csv").open() as file:
        for timing in csv.DictReader(file):
            counts = {key: int(timing[key]) for key in ("gradients", "losses", "products")}
            assert asked(1294, counts)
            assert float(timing["peak_mib"]) > 1
