"""Cross-validation by a sweep over folds."""

import csv
import json
import statistics
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
from trials_here import trials_here

from cnntrain.cli.main import cli

from ..conftest import DIGITS

FOLDS = ("--set", "data.validation=none", "--set", "data.fold.of=3", "--set", "epochs=1")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The directory of a sweep over folds and two batch sizes, and what it printed."""
    folder = tmp_path_factory.mktemp("folds")
    (folder / "small.yaml").write_text(DIGITS)
    over = ("--over", "data.fold.index=0,1,2", "--over", "batch_size=32,64", "--seeds", "2")
    words = ["sweep", str(folder / "small.yaml"), *FOLDS, *over, "--run", str(folder / "s")]
    with trials_here(), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        assert cli.main(words, standalone_mode=False) == 0
    return folder / "s", out.getvalue(), err.getvalue()


def test_folds_are_means_of_one_combination(swept, cnntrain):
    directory, out, err = swept
    assert "s: 2 combinations x 3 folds x 2 seeds, " in err
    lines = out.splitlines()
    assert lines[0] == "means over 3 folds, ± how much these differ"
    shown = [line.split()[:2] for line in lines]
    assert [row for row in shown if row[:1] in (["32"], ["64"])] == [["32", "6"], ["64", "6"]]
    report = json.loads((directory / "sweep.json").read_text())
    rows = list(csv.DictReader((directory / "sweep.csv").read_text().splitlines()))
    for group in report["ranking"]:
        assert list(group["settings"]) == ["batch_size"]
        assert group["folds"] == {"indices": [0, 1, 2], "of": 3}
        means = [
            statistics.fmean(
                float(row["validation_loss"])
                for row in rows
                if row["data.fold.index"] == fold
                and row["batch_size"] == str(group["settings"]["batch_size"])
            )
            for fold in "012"
        ]
        assert len(rows) == 12
        assert group["validation_loss"]["mean"] == pytest.approx(statistics.fmean(means))
        assert group["validation_loss"]["deviation"] == pytest.approx(statistics.stdev(means))
    trials = sorted(path.name for path in (directory / "trials").iterdir())
    assert trials[0] == "fold-0-batch_size-32-seed-0"
    compared = cnntrain("compare", *(directory / "trials").iterdir(), "--json")
    for entry in map(json.loads, compared.out.splitlines()):  # to the digit
        (group,) = (g for g in report["ranking"] if g["settings"] == entry["settings"])
        assert entry["validation_loss"] == group["validation_loss"]


def test_every_sample_outside_the_test_part_is_validated_once(swept):
    import numpy as np

    directory, _, _ = swept
    splits = []
    for fold in range(3):
        trial = directory / "trials" / f"fold-{fold}-batch_size-32-seed-0"
        with np.load(trial / "split.npz") as archive:
            splits.append({name: archive[name] for name in archive.files})
    held = np.sort(np.concatenate([split["validation"] for split in splits]))
    for split in splits:
        rest = np.sort(np.concatenate([split["train"], split["validation"]]))
        np.testing.assert_array_equal(rest, held)
        np.testing.assert_array_equal(split["test"], splits[0]["test"])
    digests = {
        json.loads(path.read_text())["split_sha256"]
        for path in (directory / "trials").glob("*-32-*/run.json")
    }
    assert len(digests) == 3


def test_folds_that_are_not_tried_are_told(digits, cnntrain):
    over = ("--over", "data.fold.index=0,2", "--quiet")
    done = cnntrain("sweep", digits, *FOLDS, *over, "--run", "s")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "means over 2 of 3 folds, ± how much these differ"
    wrong = cnntrain("sweep", digits, *FOLDS, "--over", "data.fold.index=0,3", "--run", "t")
    assert wrong.code == 2
    assert "invalid data.fold.index, found 3, expected 0 to 2, as data.fold.of is 3" in wrong.err
    wrong = cnntrain("sweep", digits, *FOLDS, "--over", "data.fold.index=0,1", "--sort",
                     "data.fold.index", "--run", "t")  # fmt: skip
    assert "no column data.fold.index" in wrong.err


def test_a_rate_is_found_on_one_fold(digits, cnntrain):
    rates = ("--rates", "0.005,0.05", "--epochs", "1", "--seeds", "1", "--quiet")
    done = cnntrain("lr-sweep", digits, *FOLDS[:4], *rates)
    assert done.code == 0, done.err
    assert "folds" not in done.out
