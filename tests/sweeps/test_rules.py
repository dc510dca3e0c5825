"""The rules by a written-out table, and what counts as diverged."""

import csv
import io
import json

import numpy as np
import pytest

from cnntrain.comparison.estimate import Estimate
from cnntrain.config import load_config
from cnntrain.config.source.writer import to_yaml
from cnntrain.data import load_dataset
from cnntrain.experiment import build_network
from cnntrain.sweeps.baselines import Baseline, Baselines, constant_risk, depends_on
from cnntrain.sweeps.groups import group, groups, ranked_by, ranking
from cnntrain.sweeps.plan import SweepPlan, Trial
from cnntrain.sweeps.results import TrialResult, as_csv, read_result
from cnntrain.sweeps.rules import Rules, advice, apply_rules, edge_warnings

RATES = [0.01, 0.03, 0.1, 0.3, 1.0]
START = Baseline(start=3.3, constant=2.3)
TRIAL = Trial((), 0)
SETTINGS = {"name": "small", "seed": 0, "compute": {"workers": 1}}
KNOWN = Baselines({TRIAL.name: START}, {TRIAL.name: depends_on(SETTINGS)}, {TRIAL.name: 1.0})


def table(*losses):
    """Rates with the losses of their trials; "x" for one that diverged."""
    found = []
    for rate, values in zip(RATES, losses, strict=False):
        results = []
        for seed, value in enumerate(values):
            trial = Trial((("rate", rate),), seed)
            over = value == "x"
            status, number = ("diverged", None) if over else ("finished", value)
            measures = [number] * 5
            learned = not over and value < START.learned
            results.append(TrialResult(trial, status, *measures, learned=learned))
        found.append((rate, group(results)))
    return found


def suggest(found):
    """The rules for trials of which none is missing."""
    return apply_rules(found, "validation_loss", found[0][1].n)


def test_the_largest_rate_within_one_standard_error_of_the_lowest():
    """The best mean is 1.0 with deviation 0.1 over 4 trials: up to 1.05 counts."""
    spread = [0.9, 1.1, 1.0 - 0.1 / 2**0.5, 1.0 + 0.1 / 2**0.5]
    found = table([2.0] * 4, spread, [1.04] * 4, [1.06] * 4, ["x", 1.0, 1.0, 1.0])
    rules = suggest(found)
    assert rules == Rules(lowest=0.03, one_standard_error=0.1, edge_of_divergence=1.0)
    assert (rules.followed, rules.suggested) == ("one_standard_error", 0.1)
    assert edge_warnings(rules, RATES) == []


def test_a_rate_at_which_one_trial_diverged_is_never_suggested():
    rules = suggest(table([2.0, 2.0], [1.0, 1.0], ["x", 0.1]))
    assert (rules.suggested, rules.edge_of_divergence) == (0.03, 0.1)


def test_a_rate_of_which_a_trial_is_missing_is_never_suggested():
    found = table([2.0, 2.0], [1.0])
    assert apply_rules(found, "validation_loss", 2).suggested == 0.01


def test_one_seed_takes_the_lowest_and_says_so():
    rules = suggest(table([2.0], [1.0], [1.0001]))
    assert (rules.followed, rules.suggested) == ("lowest", 0.03)
    (warning,) = edge_warnings(rules, RATES[:3])
    assert warning.startswith("one seed says nothing about chance")


def test_of_a_measure_that_should_be_large_the_highest_is_the_best():
    """The best mean is 0.9 with deviation 0.1 over 4 trials: from 0.85 on counts."""
    spread = [0.8, 1.0, 0.9 - 0.1 / 2**0.5, 0.9 + 0.1 / 2**0.5]
    found = []
    for rate, values in zip(RATES, ([0.4] * 4, spread, [0.86] * 4, [0.84] * 4), strict=False):
        trials = [
            TrialResult(Trial((("rate", rate),), seed), "finished", *[1.0] * 5, learned=True,
                        metrics={"macro_f1": value}, monitor="macro_f1")
            for seed, value in enumerate(values)
        ]  # fmt: skip
        assert ranked_by(trials) == "macro_f1"
        found.append((rate, group(trials)))
    rules = apply_rules(found, "macro_f1", 4)
    assert (rules.lowest, rules.one_standard_error) == (0.03, 0.1)
    best = ranking([each for _, each in found], "macro_f1", 4)[0]
    assert best.settings == {"rate": 0.03}


def test_of_equal_ones_the_largest():
    assert suggest(table([1.0], [1.0], [2.0])).lowest == 0.03


@pytest.mark.parametrize(
    ("losses", "warning"),
    [
        (([1.0, 1.1], [2.0, 2.0]), "the best rate is the smallest tried"),
        (([2.0, 2.0], [1.0, 1.1]), "the suggested rate is the largest tried"),
        (([2.0, 2.0], [1.0, 1.1], [1.01, 1.01]), "the suggested rate is the largest tried"),
    ],
)
def test_the_best_at_the_edge_is_a_warning(losses, warning):
    (found,) = edge_warnings(suggest(table(*losses)), RATES[: len(losses)])
    assert warning in found


def test_where_all_diverged_there_is_no_rate():
    rules = suggest(table(["x", 1.0], [1.0, "x"]))
    assert rules == Rules(lowest=None, one_standard_error=None, edge_of_divergence=0.01)
    assert (rules.suggested, edge_warnings(rules, RATES[:2])) == (None, [])


def test_a_rate_at_which_nothing_was_learned_is_none():
    assert suggest(table([2.29, 2.29], [2.2, 2.29])).suggested is None
    assert suggest(table([2.29, 2.29], [2.1, 2.1])).suggested == 0.03


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
    ((_, found),) = table([1.0, "x", 3.0])
    assert (found.n, found.diverged) == (3, 1)
    assert found.train_loss == Estimate(2.0, pytest.approx(2**0.5))
    ((_, single),) = table([1.0])
    assert single.train_loss == Estimate(1.0, None)


def test_groups_with_trials_that_diverged_or_are_missing_come_last():
    found = [one for _, one in table([2.0, 2.0], ["x", 0.1], [1.0, 1.0], [0.5])]
    best_first = [one.settings["rate"] for one in ranking(found, "train_loss", 2)]
    assert best_first == [0.1, 0.01, 0.03, 0.3]


def test_without_a_validation_part_the_training_loss_decides():
    alone = TrialResult(TRIAL, "finished", 1.0, monitor="validation_error")
    assert ranked_by([alone]) == "train_risk"
    assert ranked_by([alone, TrialResult(TRIAL, "finished", *[1.0] * 5)]) == "validation_loss"
    assert ranked_by([alone, TrialResult(TRIAL, "diverged", *[1.0] * 5)]) == "train_risk"


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
    write_run(tmp_path, {"status": was, "epochs": 1, "seconds": 1.5}, [9.9, 2.5, 0.5, risk])
    result = read_result(TRIAL, tmp_path, KNOWN)
    assert (result.status, result.learned) == (status, learned)
    assert result.over == (status in {"finished", "early_stopped", "diverged"})


def write_run(path, summary, *rows, best=1, settings=SETTINGS):
    """A run whose rows have these losses: train_loss, validation_loss, validation_error, L_T."""
    if isinstance(summary, dict) and best:
        point = dict.fromkeys(("validation_error", "validation_loss", "train_loss"), 0.5)
        point |= {"epoch": best, "step": best, "checkpoint": "x"}
        summary = {**summary, "early_stopping_point": point}
    (path / "summary.json").write_text(json.dumps(summary))
    (path / "config.yaml").write_text(to_yaml(settings))
    header = (
        "epoch,step,samples,learning_rate,step_norm,train_error,"
        "train_loss,validation_loss,validation_error,train_risk"
    )
    lines = [f"{k},{k},1,0.1,0.1,0.5,{','.join(map(str, row))}" for k, row in enumerate(rows, 1)]
    (path / "metrics.csv").write_text("\n".join([header, *lines]) + "\n")


def test_measures_are_those_of_the_best_epoch(tmp_path):
    """What ended above the loss at w_0 has diverged all the same."""
    summary = {"status": "finished", "epochs": 3, "seconds": 1.5}
    rows = [[3.0, 2.9, 0.9, 2.8], [1.0, 1.1, 0.2, 0.8], [1.0, 1.2, 0.3, 0.7]]
    write_run(tmp_path, summary, *rows, best=2)
    found = read_result(TRIAL, tmp_path, KNOWN)
    measures = found.train_loss, found.validation_loss, found.validation_error, found.train_risk
    assert [*measures] == rows[1]
    assert (found.best_epoch, found.final_risk, found.epochs) == (2, 0.7, 3)
    write_run(tmp_path, summary, *rows[:2], [1.0, 1.2, 0.3, 3.4], best=2)
    assert read_result(TRIAL, tmp_path, KNOWN).status == "diverged"
    write_run(tmp_path, summary, *rows, best=4)
    assert read_result(TRIAL, tmp_path, KNOWN).status == "damaged"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"name": "other", "max_minutes": 3, "compute": {"workers": 7}}, "finished"),
        ({"seed": 1}, "damaged"),
        ({"batch_size": 3}, "damaged"),
        ({"compute": 7}, "damaged"),
    ],
)
def test_a_run_of_another_trial_is_no_result(tmp_path, changed, status):
    """Such as a copy of a neighbour, which would count one seed twice."""
    good = {"status": "finished", "epochs": 1, "seconds": 1.0}
    write_run(tmp_path, good, [1, 1, 1, 1], settings={**SETTINGS, **changed})
    assert read_result(TRIAL, tmp_path, KNOWN).status == status


def test_a_trial_that_cannot_be_read_is_not_over(tmp_path):
    assert read_result(TRIAL, tmp_path, KNOWN).status == "missing"
    good = {"status": "finished", "epochs": 1, "seconds": 1.0}
    for bad in ([], {**good, "status": [1]}, {**good, "seconds": None}, {"seconds": 1.0}):
        write_run(tmp_path, bad, [1, 1, 1, 1])
        result = read_result(TRIAL, tmp_path, KNOWN)
        assert not result.over, bad
    write_run(tmp_path, good, [1, 1, 1, "x"])
    assert read_result(TRIAL, tmp_path, KNOWN).status == "damaged"


def test_a_row_a_trial_in_sweep_csv():
    plan = SweepPlan({"optimizer": [{"type": "sgd", "momentum": 0.9}]}, [0, 1], {})
    one, two = plan.trials
    results = [
        TrialResult(one, "finished", 0.5, 0.25, 0.125, 0.4, 0.3, 1, 2, 3.5),
        TrialResult(two, "missing"),
    ]
    header, first, second = csv.reader(io.StringIO(as_csv(plan, results)))
    assert header == [
        "optimizer", "seed", "status", "train_loss", "validation_loss", "validation_error",
        "train_risk", "final_risk", "best_epoch", "epochs", "seconds",
    ]  # fmt: skip
    assert first == [
        "{type: sgd, momentum: 0.9}", "0", "finished", "0.5", "0.25", "0.125", "0.4", "0.3", "1",
        "2", "3.5",
    ]  # fmt: skip
    assert second[1:] == ["1", "missing", "", "", "", "", "", "", "0", "0.0"]
    assert [found.n for found in groups(results)] == [1]


def test_a_setting_called_as_a_column_is_told_apart():
    plan = SweepPlan({"epochs": [1], "batch_size": [2]}, [0], {})
    header, _ = csv.reader(io.StringIO(as_csv(plan, [TrialResult(plan.trials[0], "missing")])))
    assert header[:3] == ["config.epochs", "batch_size", "seed"]
    assert len(set(header)) == len(header)
