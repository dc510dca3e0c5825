"""The shell batches of configs/note: they train, a second call trains nothing, tables add up."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

NOTE = Path(__file__).parent.parent / "configs" / "note"
SCRIPTS = sorted(NOTE.glob("?-*.sh"))


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """`shell(script, *arguments)` with this interpreter's cnntrain and python3 on the PATH."""
    binaries = tmp_path_factory.mktemp("bin")
    for name, command in (("cnntrain", "-m cnntrain "), ("python3", "")):
        path = binaries / name
        path.write_text(f'#!/bin/sh\nexec {sys.executable} {command}"$@"\n')
        path.chmod(0o755)
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}

    def run(script, *arguments, **variables):
        command = ["sh", str(script), *map(str, arguments)]
        given = {**environment, **variables}
        done = subprocess.run(command, capture_output=True, text=True, env=given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def table(text):
    """The first table in `text`: {run: {column: cell}}."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)}


def make_run(path, status="finished", train_risk=1.0, best=1, phases=()):
    """What table.py reads of a run of two epochs."""
    path.mkdir(parents=True)
    metrics = f"epoch,step,train_risk\n1,10,{train_risk + 1}\n2,20,{train_risk}\n"
    (path / "metrics.csv").write_text(metrics)
    (path / "steps.csv").write_text(f"step,loss\n1,{train_risk + 2}\n2,{train_risk + 1}\n")
    (path / "timings.csv").write_text("epoch,seconds,gradients\n1,1.5,100\n2,2.5,300\n")
    summary = {"status": status, "early_stopping_point": {"epoch": best}}
    (path / "summary.json").write_text(json.dumps(summary))
    (path / "test.json").write_text(json.dumps({"best": 0.25, "last": 0.5}))
    events = [{"event": "start", "epoch": 0}, *({"event": "phase", "epoch": n} for n in phases)]
    (path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))


def cells(shell, folder, *columns):
    script = folder / "table.sh"
    script.write_text(f'exec python3 "{NOTE / "table.py"}" "$@"\n')
    return table(shell(script, folder / "runs", *columns))


def test_a_cell_is_mean_and_standard_deviation_over_seeds(shell, tmp_path):
    for seed, risk in enumerate((1.0, 2.0, 4.0)):
        make_run(tmp_path / "runs" / "g" / f"seed-{seed}", train_risk=risk)
    row = cells(shell, tmp_path, "train_risk", "best.train_risk")["g"]
    deviation = statistics.stdev((1.0, 2.0, 4.0))
    assert row["train_risk"] == f"{7 / 3:.4g} ± {deviation:.2g}"
    assert row["best.train_risk"] == f"{10 / 3:.4g} ± {deviation:.2g}"
    assert (row["n"], row["diverged"]) == ("3", "0")


def test_diverged_runs_are_counted_and_left_out_of_the_mean(shell, tmp_path):
    make_run(tmp_path / "runs" / "some" / "seed-0", train_risk=3.0)
    make_run(tmp_path / "runs" / "some" / "seed-1", status="diverged")
    make_run(tmp_path / "runs" / "all" / "seed-0", status="diverged")
    rows = cells(shell, tmp_path, "train_risk")
    assert rows["some"] == {"run": "some", "n": "2", "diverged": "1", "train_risk": "3"}
    assert rows["all"]["train_risk"] == "-"


def test_columns_of_other_files(shell, tmp_path):
    make_run(tmp_path / "runs" / "g" / "seed-0")
    columns = ("timings.gradients", "ms_per_step", "test.best", "test.last", "start.loss")
    row = cells(shell, tmp_path, *columns)["g"]
    assert [row[column] for column in columns] == ["200", "200", "0.25", "0.5", "3"]


def test_the_first_epoch_the_best_and_the_last(shell, tmp_path):
    make_run(tmp_path / "runs" / "g" / "seed-0", best=2)
    columns = ("first.step", "best.step", "step")
    row = cells(shell, tmp_path, *columns)["g"]
    assert [row[column] for column in columns] == ["10", "20", "20"]


def test_a_second_phase_that_not_every_run_reached_is_told(shell, tmp_path):
    for seed, phases in enumerate(((1, 2), (1,))):
        make_run(tmp_path / "runs" / "all" / f"seed-{seed}", phases=phases)
        make_run(tmp_path / "runs" / "some" / f"seed-{seed}", phases=phases[1:])
    rows = cells(shell, tmp_path, "phase.epoch")
    assert (rows["all"]["phase.epoch"], rows["some"]["phase.epoch"]) == ("1", "-")


def test_the_best_choice_of_each_group_among_those_that_never_diverged(shell, tmp_path):
    for name, risk in (("a/1", 2.0), ("a/2", 1.0), ("b/1", 5.0), ("b/2", 6.0)):
        make_run(tmp_path / "runs" / name / "seed-0", train_risk=risk)
    make_run(tmp_path / "runs" / "a" / "2" / "seed-1", status="diverged")
    assert list(cells(shell, tmp_path, "--best", "train_risk", "train_risk")) == ["a/1", "b/1"]


def test_rows_are_in_the_order_of_their_numbers(shell, tmp_path):
    for rate in ("10", "0.1", "0.01", "1"):
        make_run(tmp_path / "runs" / f"rate-{rate}" / "seed-0")
    assert list(cells(shell, tmp_path, "train_risk")) == [
        "rate-0.01",
        "rate-0.1",
        "rate-1",
        "rate-10",
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_shell_can_read_every_script(script):
    assert subprocess.run(["sh", "-n", str(script)]).returncode == 0


SHORT = ("--set", "epochs=1", "--set", "data.validation=0.05", "--set", "data.test=0.8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("letter", "groups"),
    [
        ("a", ["rate-0.0001", "rate-0.001", "rate-0.01", "rate-0.1", "rate-1", "rate-10"]),
        ("d", ["adam", "adam-then-sgd", "sgd"]),
        ("e", ["validation-0.2", "validation-0.9"]),
        (
            "f",
            [
                "gradient-descent",
                "hessian-free",
                "line-search",
                "sgd-mini-batches",
                "without-gradients",
            ],
        ),
        (
            "g",
            [
                f"{name}/rate-{rate}"
                for name in ("gaussian-0.01", "he_normal-quarter", "he_normal", "zeros")
                for rate in ("0.03", "0.1")
            ],
        ),
    ],
)
def test_a_script_trains_its_groups(shell, tmp_path, letter, groups):
    (script,) = NOTE.glob(f"{letter}-*.sh")
    short = (*SHORT, "--set", "data.validation=0.2") if letter != "e" else SHORT[:2]
    rows = table(shell(script, tmp_path, *short, SEEDS="0"))
    assert list(rows) == groups
    assert all(row["n"] == "1" for row in rows.values())


@pytest.mark.slow
def test_a_script_goes_on_where_it_was(shell, tmp_path):
    """A second call trains what is missing of the three seeds and nothing else."""
    first = shell(NOTE / "c-saturation.sh", tmp_path, *SHORT)
    assert {group: row["n"] for group, row in table(first).items()} == dict.fromkeys(
        ("constant", "reduced"), "3"
    )
    assert (tmp_path / "table.md").read_text() == first
    kept = tmp_path / "constant" / "seed-1" / "run.json"
    before = kept.stat().st_mtime_ns
    for path in sorted((tmp_path / "reduced" / "seed-2").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert shell(NOTE / "c-saturation.sh", tmp_path, *SHORT) == first
    assert kept.stat().st_mtime_ns == before


def test_the_variance_of_the_gradient_is_one_over_the_batch_size(digits, trained):
    """E ||g_B - g||^2 times B is the same for every B, up to the error of 100 draws."""
    script = digits.parent / "variance.py"
    script.write_text(
        (NOTE / "gradient_variance.py").read_text().replace("DRAWS = 1000", "DRAWS = 100")
    )
    command = [sys.executable, str(script), str(trained)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.strip("| \n").split(" | ") for line in text.splitlines()[2:]]
    assert [row[:2] for row in rows] == [
        [name, str(size)] for name in ("w_0", "trained") for size in (1, 8, 32, 128)
    ]
    for name in ("w_0", "trained"):
        products = [float(row[3]) for row in rows if row[0] == name]
        assert max(products) < 1.6 * min(products)
