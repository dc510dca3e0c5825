"""Sweeps from the shell: files, resume, interruption, divergence, other machines."""

import json
import shlex
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

import cnntrain as package
from cnntrain.sweeps.plan import with_settings

from .conftest import SHORT

pytestmark = pytest.mark.usefixtures("here")  # swept_once has run processes


def without_times(path):
    return [line.rpartition(",")[0] for line in path.read_text().splitlines()]


def test_files_and_report(digits, swept, cnntrain):
    report = json.loads((swept / "sweep.json").read_text())
    assert report["key"] == "learning_rate.initial"
    assert report["measure"] == "validation_loss"
    assert report["suggested_rate"] == 0.05
    assert report["rule"] == "one_standard_error"
    assert [entry["settings"]["learning_rate.initial"] for entry in report["ranking"]] == [
        0.05, 0.005,
    ]  # fmt: skip
    header, *rows = [line.split(",") for line in (swept / "sweep.csv").read_text().splitlines()]
    assert header[:3] == ["learning_rate.initial", "seed", "status"]
    assert [row[:3] for row in rows] == [
        [rate, seed, "finished"] for rate in ("0.005", "0.05") for seed in ("0", "1")
    ]
    trial = swept / "trials" / "rate-0.05-seed-1"
    last = json.loads((trial / "summary.json").read_text())["last"]
    assert float(rows[3][3]) == last["train_loss"]
    assert cnntrain("evaluate", trial).code == 0  # an ordinary run


def test_the_same_from_python_and_as_json(digits, swept, cnntrain):
    report = json.loads((swept / "sweep.json").read_text())
    done = cnntrain("lr-sweep", digits, *SHORT, "--run", "other", "--json")
    assert json.loads(done.out) == report
    found = package.lr_sweep(digits, rates=[0.05, 0.005], epochs=1, seeds=2, run="third")
    assert json.loads(json.dumps(asdict(found))) == report
    assert list(asdict(found)) == list(report)
    assert Path("third/sweep.json").read_bytes() == (swept / "sweep.json").read_bytes()


def test_a_resume_runs_only_what_is_missing(digits, swept, cnntrain):
    before = (swept / "sweep.json").read_bytes(), without_times(swept / "sweep.csv")
    kept = swept / "trials" / "rate-0.005-seed-0" / "run.json"
    age = kept.stat().st_mtime_ns
    gone = swept / "trials" / "rate-0.05-seed-1"
    for path in sorted(gone.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    done = cnntrain("lr-sweep", digits, *SHORT, "--resume")
    assert done.code == 0, done.err
    assert kept.stat().st_mtime_ns == age
    assert ((swept / "sweep.json").read_bytes(), without_times(swept / "sweep.csv")) == before


def test_another_plan_or_no_resume_is_refused(digits, swept, cnntrain):
    assert cnntrain("lr-sweep", digits, *SHORT).code == 12
    done = cnntrain("lr-sweep", digits, *SHORT, "--resume", "--epochs", "2")
    assert done.code == 2
    assert "was begun with another plan" in done.err
    for given in ((*SHORT, "--resume"), ("--collect", swept)):
        done = cnntrain("lr-sweep", digits, *given, "--set", "batch_size=16")
        assert done.code == 2
        assert "was begun with another config" in done.err


def test_where_all_diverge_there_is_no_usable_rate(digits, cnntrain):
    done = cnntrain("lr-sweep", digits, "--rates", "1e20,1e25", "--seeds", "1", "--quiet")
    assert done.code == 6
    assert "no usable rate" in done.err
    report = json.loads(Path("runs/small-lr-sweep/sweep.json").read_text())
    assert report["suggested_rate"] is None
    assert report["rules"]["edge_of_divergence"] == 1e20
    assert "diverged" in Path("runs/small-lr-sweep/sweep.csv").read_text()


def test_where_nothing_is_learned_there_is_no_usable_rate(digits, cnntrain):
    """Rates that are too small, or so large that all answers are the same."""
    for rates, advice in (
        ("1e-12,1e-9", "larger ones than 1e-09"),
        ("1.4,2", "smaller ones than 1.4"),
    ):
        given = ("--rates", rates, "--seeds", "1", "--epochs", "1", "--quiet", "--run", advice)
        done = cnntrain("lr-sweep", digits, *given, "--json")
        assert done.code == 6
        assert "no usable rate: at every learning_rate.initial a trial diverged or" in done.err
        assert f"(try {advice}" in done.err
        report = json.loads(done.out)
        assert report["suggested_rate"] is None
        assert report["problem"] in done.err
        assert sum(entry["diverged"] for entry in report["ranking"]) == 0


@pytest.mark.parametrize(
    "rate",
    [
        "learning_rate: {schedule: one_cycle, initial: 0.01, maximum: 0.1}",
        "learning_rate: {schedule: cosine, initial: 0.1}",
        "phases: [{learning_rate: 0.1, until: {epochs: 1}}, {learning_rate: 0.01}]",
    ],
)
def test_the_rate_of_a_schedule_is_swept(digits, cnntrain, rate):
    digits.write_text(digits.read_text().replace("learning_rate: 0.05", rate))
    given = ("--rates", "0.02,0.05", "--seeds", "1", "--epochs", "2", "--quiet", "--json")
    done = cnntrain("lr-sweep", digits, *given)
    assert done.code == 0, done.err
    report = json.loads(done.out)
    trials = Path("runs/small-lr-sweep/trials")
    for value in (0.02, 0.05):
        found = package.load_config(trials / f"rate-{value}-seed-0" / "config.yaml")
        assert with_settings(found, {report["key"]: value}) == found
    losses = [entry["validation_loss"]["mean"] for entry in report["ranking"]]
    assert losses[0] < losses[1]


def test_dry_run_prints_the_plan_and_leaves_nothing(digits, cnntrain):
    done = cnntrain("lr-sweep", digits, "--dry-run", "--points", "2", "--seeds", "1")
    assert done.out == "rate-0.0001-seed-0\nrate-1.0-seed-0\n"
    assert "2 rates x 1 seed, 2 epochs each" in done.err
    plan = cnntrain("lr-sweep", digits, "--dry-run", "--rates", "1", "--seeds", "1", "--json")
    assert json.loads(plan.out)["trials"] == ["rate-1.0-seed-0"]
    assert not (digits.parent / "runs").exists()


def test_what_is_there_is_not_planned_again(digits, swept, cnntrain):
    shutil.rmtree(swept / "trials" / "rate-0.05-seed-1")
    done = cnntrain("lr-sweep", digits, *SHORT[:-1], "--resume", "--dry-run")
    assert done.out == "rate-0.05-seed-1\n"
    assert "(3 of 4 trials are there)" in done.err
    anew = cnntrain("lr-sweep", digits, *SHORT[:-1], "--dry-run")
    assert len(anew.out.splitlines()) == 4
    assert "are there" not in anew.err


def test_commands_can_run_elsewhere_and_be_collected(digits, swept, cnntrain):
    printed = cnntrain("lr-sweep", digits, *SHORT, "--print-commands", "--run", "far").out
    for line in printed.splitlines():
        program, *words = shlex.split(line)
        assert program == "cnntrain"
        assert cnntrain(*words).code == 0
    done = cnntrain("lr-sweep", digits, "--collect", "far", "--quiet")
    assert done.code == 0, done.err
    far = digits.parent / "far"
    assert (far / "sweep.json").read_bytes() == (swept / "sweep.json").read_bytes()
    assert cnntrain("lr-sweep", digits, "--collect", "nowhere").code == 10


def test_trials_that_are_missing_are_no_divergence(digits, swept, cnntrain):
    shutil.rmtree(swept / "trials" / "rate-0.005-seed-0")
    half = cnntrain("lr-sweep", digits, "--collect", swept)
    assert half.code == 0
    assert "warning: 1 of 4 trials are missing (first: rate-0.005-seed-0)" in half.out
    assert half.err == ""
    shutil.rmtree(swept / "trials" / "rate-0.05-seed-1")
    none = cnntrain("lr-sweep", digits, "--collect", swept)
    assert none.code == 10
    assert none.err == ("cnntrain: error: 2 of 4 trials are missing (first: rate-0.005-seed-0)\n")
    assert cnntrain("lr-sweep", digits, *SHORT, "--print-commands", "--run", "new").code == 0
    before = cnntrain("lr-sweep", digits, "--collect", "new")
    assert before.code == 10
    assert "4 of 4 trials are missing" in before.err
    assert not Path("new/sweep.json").exists()


def test_a_sweep_and_a_run_keep_out_of_each_others_directory(digits, planned, trained, cnntrain):
    config = (trained / "config.yaml").read_bytes()
    for given in (SHORT, ("--range-test",)):
        done = cnntrain("lr-sweep", digits, *given, "--run", trained)
        assert done.code == 12
        assert "already holds a run" in done.err
    assert (trained / "config.yaml").read_bytes() == config
    assert not (trained / "trials").exists()
    assert cnntrain("lr-sweep", digits, "--range-test", "--run", planned).code == 12
    done = cnntrain("fit", digits, "--resume", "--run", planned)
    assert done.code == 12
    assert "holds a sweep" in done.err


def test_the_directory_is_named_from_the_config(digits, cnntrain):
    given = (*SHORT, "--dry-run", "--set", "seed=7")
    done = cnntrain("lr-sweep", digits, *given[:-4], *given[-3:], "--run", "ph/{name}-{seed}")
    assert done.err.startswith("ph/small-7: ")
    assert cnntrain("lr-sweep", digits, *given, "--run", "{nme}").code == 2


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"name: x"])
def test_a_config_that_is_damaged_stops_a_resume(digits, planned, cnntrain, content):
    (planned / "trials" / "rate-0.05-seed-0").mkdir()
    (planned / "config.yaml").unlink()
    if content is not None:
        (planned / "config.yaml").write_bytes(content)
    done = cnntrain("lr-sweep", digits, *SHORT, "--resume")
    assert done.code == (2 if content == b"name: x" else 4)
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"over": {}, "seeds": [0], "fixed": {}}', '{"over": 1}',
                '{"over": {"a": 1}, "seeds": [0], "fixed": {}}',
                '{"over": {"learning_rate.initial": ["x"]}, "seeds": [0], "fixed": {}}',
                '{"over": {"learning_rate.initial": [1.0]}, "seeds": [0], "fixed": []}'],
)  # fmt: skip
def test_a_damaged_plan_is_exit_4(digits, planned, cnntrain, content):
    (planned / "plan.json").write_text(content)
    done = cnntrain("lr-sweep", digits, "--collect", planned)
    assert done.code == 4
    assert done.err.count("\n") == 1


def test_only_a_sweep_over_the_rate_can_be_collected_as_one(digits, cnntrain):
    given = ("--over", "batch_size=32,64", "--set", "epochs=1", "--quiet", "--run", "grid")
    assert cnntrain("sweep", digits, *given).code == 0
    done = cnntrain("lr-sweep", digits, *given[2:4], "--collect", "grid")
    assert done.code == 2
    assert "grid: no sweep over learning_rate.initial as lr-sweep makes them" in done.err
    given = ("--over", "learning_rate.initial=0.1,0.2", *given[2:-1], "rates")
    assert cnntrain("sweep", digits, *given).code == 0
    done = cnntrain("lr-sweep", digits, *given[2:4], "--collect", "rates")
    assert done.code == 2
    assert "rates: no sweep over learning_rate.initial as lr-sweep makes them" in done.err
