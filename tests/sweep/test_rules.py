"""The rules by a written-out table, and what counts as diverged."""

import csv
import io
import json

import pytest

from cnntrain.sweep.plan import Plan, Trial
from cnntrain.sweep.results import Group, Result, as_csv, groups, measured_by, ranking, read_result
from cnntrain.sweep.rules import suggest

RATES = [0.01, 0.03, 0.1, 0.3, 1.0]


def table(*losses):
    """Rates with the validation losses of their trials; "x" for one that diverged."""
    found = []
    for rate, values in zip(RATES, losses, strict=False):
        results = []
        for seed, value in enumerate(values):
            trial = Trial((("rate", rate),), seed)
            over = value == "x"
            status, number = ("diverged", None) if over else ("finished", value)
            results.append(Result(trial, status, number, number, number))
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
        (([1.0, 1.1], [2.0, 2.0]), "the smallest tried"),
        (([2.0, 2.0], [1.0, 1.1]), "the largest tried"),
    ],
)
def test_the_best_at_the_edge_is_a_warning(losses, warning):
    (said,) = suggest(table(*losses), "validation_loss").warnings
    assert warning in said


def test_where_all_diverged_there_is_no_rate():
    said = suggest(table(["x", 1.0], [1.0, "x"]), "validation_loss")
    assert (said.rate, said.lowest, said.edge_of_divergence) == (None, None, 0.01)


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
    assert measured_by([group]) == "train_loss"
    assert measured_by([group, table([1.0])[0][1]]) == "validation_loss"


@pytest.mark.parametrize(
    ("summary", "status"),
    [
        (None, "missing"),
        ({"status": "finished", "last": {"train_loss": 1.0}}, "finished"),
        ({"status": "early_stopped", "last": {"train_loss": 2.3}}, "early_stopped"),
        ({"status": "finished", "last": {"train_loss": 2.4}}, "diverged"),
        ({"status": "diverged", "last": None}, "diverged"),
        ({"status": "interrupted", "last": None}, "interrupted"),
    ],
)
def test_a_run_above_its_start_has_diverged(tmp_path, summary, status):
    if summary is not None:
        (tmp_path / "summary.json").write_text(json.dumps({**summary, "seconds": 1.5}))
    result = read_result(Trial((), 0), tmp_path, start_loss=2.3)
    assert result.status == status
    assert result.usable == (status in {"finished", "early_stopped"})


def test_a_row_a_trial_in_sweep_csv():
    plan = Plan({"optimizer": [{"type": "sgd", "momentum": 0.9}]}, [0, 1], {})
    one, two = plan.trials
    results = [Result(one, "finished", 0.5, 0.25, 0.125, 2, 3.5), Result(two, "missing")]
    header, first, second = csv.reader(io.StringIO(as_csv(plan, results)))
    assert header == [
        "optimizer", "seed", "status", "train_loss", "validation_loss", "validation_error",
        "epochs", "seconds",
    ]  # fmt: skip
    assert first == [
        "{type: sgd, momentum: 0.9}", "0", "finished", "0.5", "0.25", "0.125", "2", "3.5",
    ]  # fmt: skip
    assert second[1:] == ["1", "missing", "", "", "", "0", "0.0"]
    assert [len(group.results) for group in groups(plan, results)] == [2]
