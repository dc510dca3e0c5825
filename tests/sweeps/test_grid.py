"""Sweeps over any settings, from the shell."""

import json
import shutil
from dataclasses import asdict

import pytest
import yaml

import cnntrain as package
from cnntrain.errors import DivergedError, UsageError
from cnntrain.sweeps.runner import SweepProgress

pytestmark = pytest.mark.usefixtures("here")


def test_a_grid(digits, cnntrain):
    over = ("--over", "batch_size=32,64", "--over", "optimizer.momentum=0.0,0.9")
    given = (*over, "--set", "epochs=1", "--quiet")
    done = cnntrain("sweep", digits, *given)
    assert done.code == 0, done.err
    *rows, bars = done.out.splitlines()
    assert [row.split()[:2] for row in rows[-4:]] == [
        ["32", "0.0"], ["32", "0.9"], ["64", "0.0"], ["64", "0.9"],
    ]  # fmt: skip
    assert bars == "(bars: validation loss at best)"
    directory = digits.parent / "runs" / "small-sweep"
    report = json.loads((directory / "sweep.json").read_text())
    means = [entry["validation_loss"]["mean"] for entry in report["ranking"]]
    assert means == sorted(means)
    assert len((directory / "sweep.csv").read_text().splitlines()) == 5
    again = cnntrain("sweep", digits, *given, "--resume", "--json")
    assert json.loads(again.out) == report
    collected = cnntrain("sweep", digits, *given[-3:-1], "--collect", directory, "--json")
    assert json.loads(collected.out) == report


def test_sweep_and_compare_agree_to_the_digit(digits, cnntrain):
    """On what stands under the same title; the best epoch is not always the last."""
    over = ("--over", "learning_rate.initial=0.1,0.2", "--seeds", "2", "--set", "epochs=6")
    assert cnntrain("sweep", digits, *over, "--run", "s", "--quiet").code == 0
    trials = sorted((digits.parent / "s/trials").iterdir())
    compared = {
        entry.settings["learning_rate.initial"]: entry for entry in package.compare(trials).entries
    }
    report = json.loads((digits.parent / "s/sweep.json").read_text())
    for group in report["ranking"]:
        entry = compared[group["settings"]["learning_rate.initial"]]
        for name in ("validation_loss", "validation_error"):
            assert group[name] == asdict(entry.estimate(name))
    early = [e for e in compared.values() if e.best_epoch.mean < e.epochs.mean]
    assert early, "the case that this test is about does not occur"


def test_metrics_are_in_the_tables_and_can_be_sorted_by(digits, cnntrain):
    given = ("--over", "learning_rate.initial=0.001,0.05", "--set", "metrics=[macro_f1]")
    done = cnntrain("sweep", digits, *given, "--set", "epochs=1", "--sort", "macro_f1", "--quiet")
    assert done.code == 0, done.err
    assert [row.split()[0] for row in done.out.splitlines()[-3:-1]] == ["0.05", "0.001"]
    assert "macro" in done.out
    directory = digits.parent / "runs" / "small-sweep"
    header, first, _ = (directory / "sweep.csv").read_text().splitlines()
    value = float(first.split(",")[header.split(",").index("macro_f1")])
    worst = json.loads((directory / "sweep.json").read_text())["ranking"][-1]
    assert worst["metrics"]["macro_f1"]["mean"] == value
    assert f"{value:.4f}" in done.out


MONITORED = "early_stopping={monitor: macro_f1, patience: 9}"


def test_what_early_stopping_monitors_decides(digits, cnntrain):
    """In a test where the loss would decide otherwise."""
    over = ("--over", "learning_rate.initial=0.03,0.6", "--set", "epochs=4", "--quiet", "--json")
    reports = [
        json.loads(cnntrain("sweep", digits, *over, "--run", name, "--set", monitored).out)
        for name, monitored in (("f1", MONITORED), ("plain", "early_stopping={patience: 9}"))
    ]
    assert [report["measure"] for report in reports] == ["macro_f1", "validation_loss"]
    means = [group["metrics"]["macro_f1"]["mean"] for group in reports[0]["ranking"]]
    assert means == sorted(means, reverse=True) and len(set(means)) == 2
    done = cnntrain("sweep", digits, *over[2:4], "--collect", "f1", "--set", MONITORED)
    assert "(bars: macro F1 at best)" in done.out


def test_an_average_that_is_monitored_decides_by_its_loss(digits, cnntrain):
    given = ("--over", "batch_size=64", "--set", "epochs=1", "--set", "average={}",
             "--set", "early_stopping={monitor: average_validation_error}")  # fmt: skip
    done = cnntrain("sweep", digits, *given, "--quiet", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["measure"] == "average_validation_loss"
    (group,) = report["ranking"]
    (run,) = (digits.parent / "runs/small-sweep/trials").iterdir()
    best = json.loads((run / "summary.json").read_text())["early_stopping_point"]
    assert group["metrics"]["average_validation_loss"]["mean"] == best["average_validation_loss"]


def test_where_trials_monitor_different_things_the_loss_decides(digits, cnntrain):
    given = ("--over", "early_stopping.monitor=macro_f1,validation_loss", "--set", "epochs=1")
    done = cnntrain("sweep", digits, *given, "--set", "early_stopping={}", "--quiet", "--json")
    assert json.loads(done.out)["measure"] == "validation_loss"


def test_a_copy_of_a_neighbour_is_no_trial(digits, cnntrain):
    """It would count one seed twice."""
    given = (
        "--over",
        "batch_size=64",
        "--seeds",
        "2",
        "--set",
        "epochs=1",
        "--run",
        "s",
        "--quiet",
    )
    assert cnntrain("sweep", digits, *given).code == 0
    trials = digits.parent / "s/trials"
    shutil.rmtree(trials / "batch_size-64-seed-1")
    shutil.copytree(trials / "batch_size-64-seed-0", trials / "batch_size-64-seed-1")
    done = cnntrain("sweep", digits, "--set", "epochs=1", "--collect", "s", "--json")
    (group,) = json.loads(done.out)["ranking"]
    assert group["n"] == 1
    assert group["validation_loss"]["deviation"] is None
    done = cnntrain("sweep", digits, *given, "--resume")
    assert done.code == 2
    assert "1 of 2 trials failed, first batch_size-64-seed-1: " in done.err


def test_the_table_can_be_sorted(digits, cnntrain):
    given = ("--over", "batch_size=64,256,128", "--set", "epochs=1", "--run", "s", "--quiet")

    def sizes(*options):
        done = cnntrain("sweep", digits, "--set", "epochs=1", "--collect", "s", *options)
        assert done.code == 0, done.err
        return [line.split()[0] for line in done.out.splitlines()[-4:-1]]

    wrong = cnntrain("sweep", digits, *given, "--sort", "validation_los")
    assert (wrong.code, (digits.parent / "s").exists()) == (2, False)
    assert "no column validation_los (did you mean validation_loss?)" in wrong.err
    assert cnntrain("sweep", digits, *given).code == 0
    assert sizes() == ["64", "256", "128"]
    assert sizes("--sort", "batch_size") == ["64", "128", "256"]
    assert sizes("--sort", "validation_loss") == ["64", "128", "256"]
    assert sizes("--sort", "n") == ["64", "256", "128"]


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


class Recorder(SweepProgress):
    """Remembers what it is told."""

    def __init__(self):
        self.calls = []

    def begin(self, trials):
        self.calls.append(trials)

    def trial(self, result):
        self.calls.append(result.status)

    def end(self):
        self.calls.append("end")


def test_from_python_with_a_mapping_and_progress(digits, capfd):
    """The fields of the result are the keys of sweep.json; nothing is printed."""
    settings = yaml.safe_load(digits.read_text())
    before, recorder = json.dumps(settings), Recorder()
    over = {"batch_size": [32, 64], "epochs": [1]}
    result = package.sweep(settings, over=over, progress=recorder)
    report = json.loads((digits.parent / "runs/small-sweep/sweep.json").read_text())
    assert json.loads(json.dumps(asdict(result))) == report
    assert recorder.calls == [2, "finished", "finished", "end"]
    assert package.sweep(digits, over=over, resume=True) == result
    assert json.dumps(settings) == before
    assert capfd.readouterr() == ("", "")


def test_from_python_what_makes_no_sense_is_an_error(digits):
    with pytest.raises(DivergedError, match="every combination diverged"):
        package.sweep(digits, over={"learning_rate.initial": [1e25], "epochs": [1]})
    with pytest.raises(UsageError, match="0 jobs, expected 1 or more"):
        package.sweep(digits, over={"epochs": [1]}, jobs=0, run="new")
    with pytest.raises(UsageError, match="jobs cannot be combined with scheduler"):
        package.sweep(digits, over={"epochs": [1]}, jobs=1, scheduler="tcp://x", run="new")
    with pytest.raises(TypeError):
        package.sweep(digits, {"epochs": [1]})
    assert not (digits.parent / "new").exists()
