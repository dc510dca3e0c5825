"""The rules by a written-out table, and what counts as diverged."""

import csv
import io
import json

import numpy as np
import pytest

from cnntrain.build import build_network
from cnntrain.config import load_config
from cnntrain.data import load_dataset
from cnntrain.sweep.baselines import Baseline, constant_risk
from cnntrain.sweep.groups import Group, groups, measured_by, ranking
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.sweep.results import Result, as_csv, read_result
from cnntrain.sweep.rules import advice, suggest

RATES = [0.01, 0.03, 0.1, 0.3, 1.0]
START = Baseline(start=3.3, constant=2.3)


def table(*losses):
    """Rates with the losses of their trials; "x" for one that diverged."""
    found = []
    for rate, values in zip(RATES, losses, strict=False):
        results = []
        for seed, value in enumerate(values):
            trial = Trial((("rate", rate),), seed)
            over = value == "x"
            status, number = ("diverged", None) if over else ("finished", value)
            measures = [number] * 4
            learned = not over and value < START.learned
            results.append(Result(trial, status, *measures, learned=learned))
        found.append((rate, Group((("rate", rate),), results)))
    return found


def test_the_largest_rate_within_one_standard_error_of_the_lowest():
    """The best mean is 1.0 with deviation 0.1 over 4 trials: up to 1.05 counts."""
    spread = [0.9, 1.1, 1.0 - 0.1 / 2**0.5, 1.0 + 0.1 / 2**0.5]
    found = table([2.0] * 4, spread, [1.04] * 4, [1.06] * 4, ["x", 1.0, 1.0, 1.0])
    said = suggest(found, "validation_loss")
    assert (said.lowest, said.one_standard_error, said.edge_of_divergence) == (0.03, 0.1, 1.0)
    assert (said.rule, said.rate, said.warnings) == ("one_standard_error", 0.1, ())


def test_a_rate_at_which_one_trial_diverged_is_never_suggested():
    said = suggest(table([2.0, 2.0], [1.0, 1.0], ["x", 0.1]), "validation_loss")
    assert (said.rate, said.edge_of_divergence) == (0.03, 0.1)


def test_one_seed_takes_the_lowest_and_says_so():
    said = suggest(table([2.0], [1.0], [1.0001]), "validation_loss")
    assert (said.rule, said.rate) == ("lowest", 0.03)
    assert said.warnings[0].startswith("one seed says nothing about chance")


def test_of_equal_ones_the_largest():
    assert suggest(table([1.0], [1.0], [2.0]), "validation_loss").lowest == 0.03


@pytest.mark.parametrize(
    ("losses", "warning"),
    [
        (([1.0, 1.1], [2.0, 2.0]), "the best rate is the smallest tried"),
        (([2.0, 2.0], [1.0, 1.1]), "the suggested rate is the largest tried"),
        (([2.0, 2.0], [1.0, 1.1], [1.01, 1.01]), "the suggested rate is the largest tried"),
    ],
)
def test_the_best_at_the_edge_is_a_warning(losses, warning):
    (said,) = suggest(table(*losses), "validation_loss").warnings
    assert warning in said


def test_where_all_diverged_there_is_no_rate():
    said = suggest(table(["x", 1.0], [1.0, "x"]), "validation_loss")
    assert (said.rate, said.lowest, said.edge_of_divergence) == (None, None, 0.01)


def test_a_rate_at_which_nothing_was_learned_is_none():
    assert suggest(table([2.29, 2.29], [2.2, 2.29]), "validation_loss").rate is None
    assert suggest(table([2.29, 2.29], [2.1, 2.1]), "validation_loss").rate == 0.03


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ((["x"], ["x"]), "smaller ones than 0.01"),
        (([3.3], [3.3]), "larger ones than 0.03"),
        (([3.3], ["x"]), "larger ones than 0.01"),
        (([2.33], [2.4]), "smaller ones than 0.01"),
        (([2.31],), "smaller ones than 0.01"),
        (([2.32], [2.31]), "smaller ones than 0.01"),
        (([2.6], [2.25]), "larger ones than 0.03"),
        (([3.3], [2.25], ["x"]), "others about 0.03"),
        (([3.3], [2.31], [2.4]), "others between 0.01 and 0.1"),
    ],
)
def test_advice_where_no_rate_is_of_use(losses, said):
    assert said in advice(table(*losses), START)


@pytest.mark.parametrize("loss", ["cross_entropy", "quadratic"])
def test_the_best_constant_answer(digits, loss):
    """Cross-entropy leaves the entropy of the labels, the quadratic loss 1 - sum of squares."""
    config = load_config(digits, overrides={"loss": loss})
    dataset = load_dataset(config.data)
    network = build_network(config, dataset.input_shape, dataset.outputs)
    y = np.array([0, 0, 0, 1])
    expected = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    if loss == "quadratic":
        expected = 1 - 0.75**2 - 0.25**2
    assert constant_risk(network, y) == pytest.approx(expected)
    targets = np.array([[1.0, 0.0], [3.0, 0.0]])
    if loss == "quadratic":
        assert constant_risk(network, targets) == pytest.approx(1.0)


def test_means_and_deviations_leave_out_what_diverged():
    ((_, group),) = table([1.0, "x", 3.0])
    assert (group.n, group.diverged, group.sound) == (3, 1, False)
    assert group.mean("train_loss") == 2.0
    assert group.deviation("train_loss") == pytest.approx(2**0.5)
    ((_, single),) = table([1.0])
    assert single.deviation("train_loss") is None


def test_diverged_groups_come_last():
    found = [group for _, group in table([2.0], ["x"], [1.0])]
    assert [group.settings[0][1] for group in ranking(found, "train_loss")] == [0.1, 0.01, 0.03]


def test_without_a_validation_part_the_training_loss_decides():
    trial = Trial((("rate", 1.0),), 0)
    group = Group(trial.settings, [Result(trial, "finished", 1.0)])
    assert measured_by([group]) == "train_risk"
    assert measured_by([group, table([1.0])[0][1]]) == "validation_loss"


@pytest.mark.parametrize(
    ("was", "risk", "status", "learned"),
    [
        ("finished", 2.0, "finished", True),
        ("early_stopped", 2.29, "early_stopped", False),
        ("finished", 3.3 * (1 + 1e-8), "finished", False),
        ("finished", 3.31, "diverged", False),
        ("diverged", 2.0, "diverged", False),
        ("interrupted", 2.0, "interrupted", False),
        ("finished", "", "damaged", False),
    ],
)
def test_a_run_that_ends_above_its_start_has_diverged(tmp_path, was, risk, status, learned):
    """Whatever the mean over its last epoch was."""
    write_run(tmp_path, {"status": was, "epochs": 1, "seconds": 1.5}, f"9.9,2.5,0.5,{risk}")
    result = read_result(Trial((), 0), tmp_path, START)
    assert (result.status, result.learned) == (status, learned)
    assert result.over == (status in {"finished", "early_stopped", "diverged"})


def write_run(path, summary, row):
    (path / "summary.json").write_text(json.dumps(summary))
    header = (
        "epoch,step,samples,learning_rate,step_norm,train_error,"
        "train_loss,validation_loss,validation_error,train_risk"
    )
    (path / "metrics.csv").write_text(f"{header}\n1,1,1,0.1,0.1,0.5,{row}\n")


def test_a_trial_that_cannot_be_read_is_not_over(tmp_path):
    assert read_result(Trial((), 0), tmp_path, START).status == "missing"
    good = {"status": "finished", "epochs": 1, "seconds": 1.0}
    for bad in ([], {**good, "status": [1]}, {**good, "seconds": None}, {"seconds": 1.0}):
        write_run(tmp_path, bad, "1,1,1,1")
        result = read_result(Trial((), 0), tmp_path, START)
        assert not result.over, bad
    write_run(tmp_path, good, "1,1,1,x")
    assert read_result(Trial((), 0), tmp_path, START).status == "damaged"


def test_a_row_a_trial_in_sweep_csv():
    plan = Plan({"optimizer": [{"type": "sgd", "momentum": 0.9}]}, [0, 1], {})
    one, two = plan.trials
    results = [Result(one, "finished", 0.5, 0.25, 0.125, 0.4, 2, 3.5), Result(two, "missing")]
    header, first, second = csv.reader(io.StringIO(as_csv(plan, results)))
    assert header == [
        "optimizer", "seed", "status", "train_loss", "validation_loss", "validation_error",
        "train_risk", "epochs", "seconds",
    ]  # fmt: skip
    assert first == [
        "{type: sgd, momentum: 0.9}", "0", "finished", "0.5", "0.25", "0.125", "0.4", "2", "3.5",
    ]  # fmt: skip
    assert second[1:] == ["1", "missing", "", "", "", "", "0", "0.0"]
    assert [len(group.results) for group in groups(plan, results)] == [2]
