"""Cross-validation in a comparison: the folds of the same settings make one row."""

import csv
import io
import json
import statistics

import pytest

import cnntrain as package
from cnntrain.comparison.estimate import Estimate

from .conftest import make_run

ERRORS = {0: (0.1, 0.2), 1: (0.3, 0.5), 2: (0.2, 0.6)}  # by fold, of two seeds


@pytest.fixture
def folds(tmp_path, monkeypatch):
    """Two seeds of each of three folds; and of another batch size, the last fold of one seed."""
    monkeypatch.chdir(tmp_path)
    for fold, errors in ERRORS.items():
        for seed, error in enumerate(errors):
            where = f"{{of: 3, index: {fold}}}"
            make_run(tmp_path / f"fold-{fold}-seed-{seed}", error=error, seed=seed, fold=where)
    make_run(tmp_path / "wide", batch_size=32, fold="{of: 3, index: 2}")
    return sorted(path.name for path in tmp_path.glob("fold-*"))


def test_the_mean_is_over_folds_and_the_deviation_that_of_their_means_over_seeds(folds, cnntrain):
    done = cnntrain("compare", *folds)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "means over 3 folds, ± how much these differ"
    entry = json.loads(cnntrain("compare", *folds, "--json").out)
    means = [statistics.fmean(errors) for errors in ERRORS.values()]
    assert entry["validation_error"]["mean"] == pytest.approx(statistics.fmean(means))
    assert entry["validation_error"]["deviation"] == pytest.approx(statistics.stdev(means))
    assert (entry["n"], entry["folds"], entry["settings"]) == (
        6, {"indices": [0, 1, 2], "of": 3}, {},
    )  # fmt: skip


def test_a_fold_that_lacks_a_seed_counts_as_the_others_do(folds):
    (entry,) = package.compare(folds[1:]).entries
    means = [0.2, 0.4, 0.4]
    assert entry.n == 5
    assert entry.validation_error.mean == pytest.approx(statistics.fmean(means))
    assert entry.validation_error.deviation == pytest.approx(statistics.stdev(means))


def test_folds_that_are_missing_are_told(folds, cnntrain):
    out = cnntrain("compare", *folds[:4]).out
    assert out.splitlines()[0] == "means over 2 of 3 folds, ± how much these differ"
    table = cnntrain("compare", *folds, "wide").out
    assert "means over" not in table
    assert [line.split("  ")[2].strip() for line in table.splitlines()[-3:-1]]
    assert "  3 folds  " in table and "  1 of 3 folds  " in table
    rows = list(csv.DictReader(io.StringIO(cnntrain("compare", *folds, "wide", "--csv").out)))
    assert [(row["n"], row["folds"], row["batch_size"]) for row in rows] == [
        ("6", "3", "16"), ("1", "1", "32"),
    ]  # fmt: skip


def test_one_fold_of_each_is_a_setting_like_others(folds, cnntrain):
    entries = package.compare(["fold-0-seed-0", "wide"]).entries
    assert [entry.settings for entry in entries] == [
        {"data.fold.index": 0, "batch_size": 16}, {"data.fold.index": 2, "batch_size": 32},
    ]  # fmt: skip
    out = cnntrain("compare", "fold-0-seed-0", "fold-0-seed-1").out
    assert "folds" not in out  # as any two seeds
    assert "folds" not in cnntrain("compare", "fold-0-seed-0", "wide", "--csv").out


def test_a_fold_can_be_asked_for(folds):
    (entry,) = package.compare(folds, where={"data.fold.index": 1}).entries
    assert entry.runs == ("fold-1-seed-0", "fold-1-seed-1")
    assert entry.validation_error == Estimate.of(ERRORS[1])


def test_folds_are_no_repeats_of_each_other(folds, tmp_path):
    make_run(tmp_path / "again", fold="{of: 3, index: 1}", seed=1, error=0.5)
    compared = package.compare([*folds, "again"])
    assert compared.entries[0].n == 6
    (warning,) = compared.warnings
    assert warning.startswith("again repeats fold-1-seed-1: same settings and seed")


def test_beside_a_plain_split_the_number_of_folds_is_shown(folds, tmp_path):
    make_run(tmp_path / "plain")
    compared = package.compare(["plain", *folds])
    assert compared.settings == ("data.fold",)
    assert [entry.settings for entry in compared.entries] == [
        {"data.fold": "none"}, {"data.fold": {"of": 3}},
    ]  # fmt: skip
    assert [entry.folds is None for entry in compared.entries] == [True, False]
