"""The worked scripts of configs/batches, and what a batch relies on."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BATCHES = Path(__file__).parent.parent / "configs" / "batches"
SHORT = ("--set", "epochs=1")


@pytest.fixture
def shell(digits, tmp_path_factory):
    """`shell(command...)` with cnntrain, and stand-ins for Slurm, on the PATH."""
    binaries = tmp_path_factory.mktemp("bin")
    for name, script in (
        ("cnntrain", f'exec {sys.executable} -m cnntrain "$@"'),
        ("srun", 'exec "$@"'),
        ("scontrol", 'echo "$@" >> scontrol.log'),
    ):
        (binaries / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}

    def run(*command, **variables):
        words = [str(word) for word in command]
        given = {**environment, **variables}
        return subprocess.run(words, capture_output=True, text=True, env=given)

    return run


def runs(folder):
    return sorted(path.name for path in Path("runs", folder).iterdir())


def names(*seeds):
    return [f"batch-{batch}-seed-{seed}" for batch in (16, 64) for seed in seeds]


def test_seeds_and_batch_sizes_in_a_loop(digits, shell):
    """A second call trains nothing."""
    command = ["sh", BATCHES / "seeds.sh", digits, *SHORT]
    done = shell(*command, SEEDS="0 1")
    assert done.returncode == 0, done.stderr
    assert runs("seeds") == names(0, 1)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("runs/")]
    assert [row[-1] for row in rows] in (["16", "64"], ["64", "16"])
    assert [row[1] for row in rows] == ["2", "2"]
    kept = Path("runs/seeds/batch-16-seed-1/run.json").stat().st_mtime_ns
    assert shell(*command, SEEDS="0 1").stdout == done.stdout
    assert Path("runs/seeds/batch-16-seed-1/run.json").stat().st_mtime_ns == kept


def test_a_time_limit_stops_the_loop_and_the_next_call_goes_on(digits, shell):
    command = ["sh", BATCHES / "seeds.sh", digits]
    done = shell(*command, "--set", "max_minutes=1e-9", SEEDS="0")
    assert done.returncode == 7
    assert "run this script again to go on" in done.stderr
    assert runs("seeds") == names(0)[:1]
    assert shell(*command, SEEDS="0").returncode == 0
    assert runs("seeds") == names(0)


def test_the_loop_tells_apart_how_a_run_ended(digits, shell):
    command = ["sh", BATCHES / "seeds.sh", digits]
    diverging = shell(*command, *SHORT, "--set", "learning_rate=1e30", SEEDS="2")
    assert diverging.returncode == 0
    assert "batch size 64, seed 2: diverged" in diverging.stderr
    wrong = shell(*command, "--set", "epochs=-1")
    assert wrong.returncode == 2
    assert wrong.stderr.count("invalid epochs") == 1


def test_a_cross_validation_in_a_loop(digits, shell):
    done = shell("sh", BATCHES / "folds.sh", 2, digits, *SHORT)
    assert done.returncode == 0, done.stderr
    assert runs("folds") == [
        f"batch-{batch}-fold-{fold}" for batch in (16, 64) for fold in range(2)
    ]
    title, *lines = done.stdout.splitlines()
    assert title == "means over 2 folds, ± how much these differ"
    assert [line.split()[1] for line in lines if line.startswith("runs/")] == ["2", "2"]
    wrong = shell("sh", BATCHES / "folds.sh", 1, digits)
    assert wrong.returncode == 2
    assert "invalid data.fold.of, found 1, expected an integer >= 2" in wrong.stderr


def test_several_at_a_time(digits, shell):
    done = shell("sh", BATCHES / "parallel.sh", 2, digits, *SHORT)
    assert done.returncode == 0, done.stderr
    assert runs("parallel") == names(0, 1, 2)
    rows = list(csv.DictReader(Path("runs/parallel.csv").read_text().splitlines()))
    assert {row["batch_size"]: row["n"] for row in rows} == {"16": "3", "64": "3"}


def test_a_run_that_diverges_is_a_result_of_the_batch_and_an_error_is_not(digits, shell):
    command = ["sh", BATCHES / "parallel.sh", 2, digits]
    diverging = shell(*command, *SHORT, "--set", "learning_rate=1e30", SEEDS="0")
    assert diverging.returncode == 0, diverging.stderr
    rows = list(csv.DictReader(Path("runs/parallel.csv").read_text().splitlines()))
    assert {row["status"] for row in rows} == {"diverged"}
    assert shell(*command, "--set", "epochs=-1", SEEDS="0").returncode != 0


def test_a_slurm_array(digits, shell):
    assert shell("bash", "-n", BATCHES / "array.sbatch").returncode == 0
    task = {"SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": "3"}
    done = shell("bash", BATCHES / "array.sbatch", digits, *SHORT, **task)
    assert done.returncode == 0, done.stderr
    assert json.loads(Path("runs/array/seed-3/summary.json").read_text())["seed"] == 3
    assert not Path("scontrol.log").exists()


def test_two_that_start_at_once_never_share_a_directory(digits):
    command = [sys.executable, "-m", "cnntrain", "fit", str(digits), "--run", "one", "--quiet"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [process.communicate()[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[0] == 0
    assert codes[1] in (11, 12), ended


def test_json_is_one_line_whatever_the_end(digits, cnntrain):
    for given, status in (
        (("--run", "a"), "finished"),
        (("--run", "b", "--set", "learning_rate=1e30"), "diverged"),
        (("--run", "c", "--set", "max_minutes=1e-9"), "time_limit"),
    ):
        out = cnntrain("fit", digits, "--json", "--quiet", *given).out
        assert out.count("\n") == 1
        assert json.loads(out)["status"] == status
