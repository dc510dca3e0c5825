"""Sweeps over any settings, from the shell."""

import json


def test_a_grid(digits, cnntrain):
    over = ("--over", "batch_size=32,64", "--over", "optimizer.momentum=0.0,0.9")
    given = (*over, "--set", "epochs=1", "--quiet")
    done = cnntrain("sweep", digits, *given)
    assert done.code == 0, done.err
    header, *rows = done.out.splitlines()
    assert header.split()[:2] == ["batch_size", "optimizer.momentum"]
    assert [row.split()[:2] for row in rows[:4]] == [
        ["32", "0.0"], ["32", "0.9"], ["64", "0.0"], ["64", "0.9"],
    ]  # fmt: skip
    directory = digits.parent / "runs" / "small-sweep"
    report = json.loads((directory / "sweep.json").read_text())
    means = [entry["validation_loss"]["mean"] for entry in report["ranking"]]
    assert means == sorted(means)
    assert len((directory / "sweep.csv").read_text().splitlines()) == 5
    again = cnntrain("sweep", digits, *given, "--resume", "--json")
    assert json.loads(again.out) == report
    collected = cnntrain("sweep", digits, *given[-3:-1], "--collect", directory, "--json")
    assert json.loads(collected.out) == report


def test_where_every_combination_diverges_a_grid_is_exit_6(digits, cnntrain):
    """Above the loss at its own w_0: with `filters` w_0 changes, too."""
    over = ("--over", "layers.conv1.filters=2,4", "--set", "epochs=1", "--quiet", "--json")
    done = cnntrain("sweep", digits, *over, "--set", "learning_rate=1e25")
    assert done.code == 6
    report = json.loads(done.out)
    assert report["problem"] in done.err
    assert [entry["diverged"] for entry in report["ranking"]] == [1, 1]


def test_no_trial_is_cut_off_by_the_clock(digits, cnntrain):
    given = ("--over", "batch_size=64", "--set", "epochs=1", "--set", "max_minutes=1e-9")
    done = cnntrain("sweep", digits, *given, "--quiet", "--json")
    assert [entry["n"] for entry in json.loads(done.out)["ranking"]] == [1]
