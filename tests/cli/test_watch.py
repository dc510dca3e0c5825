"""`cnntrain watch`: how a run stands, without touching it."""

import json
import re
import signal
import subprocess
import sys

import pytest

import cnntrain as package

from ..run_files import all_digests


def test_a_finished_run_is_shown_once_and_left_alone(trained, cnntrain):
    before = all_digests(trained)
    result = cnntrain("watch", trained)
    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == f"{trained}  finished: all 2 epochs done"
    assert "* best" in result.out
    assert "loss (t training, v validation)" in result.out
    assert "error (t training, v validation)" in result.out
    summary = package.Run(trained).summary
    shown = f"{100 * summary.early_stopping_point.validation_error:.2f} %"
    assert result.out.count(shown) >= 2  # as fit shows it
    assert all_digests(trained) == before


def test_a_live_run_is_followed_to_its_end(digits, cnntrain, wait_for):
    digits.write_text(digits.read_text().replace("epochs: 2", "epochs: 60"))
    process = subprocess.Popen([sys.executable, "-m", "cnntrain", "fit", "small.yaml", "--quiet"])
    wait_for((digits.parent / "runs" / "small" / ".progress.json").exists, process)
    result = cnntrain("watch", "runs/small")
    assert process.wait(60) == 0
    assert re.search(r"now   epoch \d+/60, step \d+/21: loss .*, error .* %, rate 0.05", result.out)
    assert "runs/small  finished: all 60 epochs done" in result.out
    assert "runs/small  running" in result.out


def test_a_dead_run_is_shown_as_dead(digits, cnntrain, wait_for):
    command = [sys.executable, "-m", "cnntrain", "fit", "small.yaml", "--quiet"]
    process = subprocess.Popen([*command, "--set", "epochs=100000"])
    run = digits.parent / "runs" / "small"
    wait_for((run / "checkpoints" / "last.safetensors").exists, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    result = cnntrain("watch", run)
    assert result.out.splitlines()[0] == (
        f"{run}  dead: its process is gone (cnntrain fit --resume goes on)"
    )


def test_a_run_without_validation_and_without_epochs_can_be_watched(digits, cnntrain):
    options = ("--set", "data.validation=none", "--set", "epochs=1")
    cnntrain("fit", digits, "--quiet", *options)
    assert cnntrain("watch", "runs/small", "--once").code == 0
    metrics = digits.parent / "runs" / "small" / "metrics.csv"
    metrics.write_text(metrics.read_text().splitlines()[0] + "\n")
    assert cnntrain("watch", "runs/small", "--once").code == 0


def test_the_best_epoch_is_shown_however_long_ago_it_was(digits, cnntrain):
    given = ("--set", "epochs=12", "--set", "learning_rate=1e-30")
    assert cnntrain("fit", digits, "--quiet", *given).code == 0
    run = digits.parent / "runs" / "small"
    first = package.Run(run).rows[0]
    lines = cnntrain("watch", run).out.splitlines()
    error, loss = f"{100 * first.validation_error:.2f} %", f"{first.validation_loss:.4f}"
    assert lines[1] == f"best  epoch 1, validation error {error}, validation loss {loss}"
    assert [line.split()[0] for line in lines[4:14]] == [str(epoch) for epoch in range(3, 13)]


def test_a_line_that_is_being_written_is_passed_over(trained, cnntrain):
    shown = cnntrain("watch", trained).out
    with (trained / "metrics.csv").open("a") as file:
        file.write("3,63,3882,0.05,0.12,0.1,0.1,0.1,0.1")
    assert cnntrain("watch", trained).out == shown


METRICS = (
    "epoch,step,samples,learning_rate,train_loss,train_error,validation_loss,validation_error,"
)
DAMAGED = {
    "another header": b"a,b\n1,2\n",
    "no UTF-8": b"\xff\n",
    "a bad cell": f"{METRICS}step_norm\n1,1,1,0.1,x,,,,1\n".encode(),
    "a cell that is missing": f"{METRICS}step_norm\n1,1,1,0.1,,,,,1\n".encode(),
    "not finite": f"{METRICS}step_norm\n1,1,1,0.1,inf,,,,1\n".encode(),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_metrics_are_exit_4_on_one_line(trained, cnntrain, content):
    (trained / "metrics.csv").write_bytes(content)
    done = cnntrain("watch", trained)
    assert done.code == 4
    assert len(done.err.splitlines()) == 1
    assert f"{trained / 'metrics.csv'}" in done.err


def test_metrics_that_are_no_file_are_exit_4_and_missing_ones_exit_10(trained, cnntrain):
    metrics = trained / "metrics.csv"
    metrics.unlink()
    assert cnntrain("watch", trained).code == 10
    metrics.mkdir()
    done = cnntrain("watch", trained)
    assert (done.code, len(done.err.splitlines())) == (4, 1)


@pytest.mark.parametrize("point", ["5", '{"epoch": "x", "validation_loss": 1}'])
def test_a_damaged_summary_is_exit_4_on_one_line(trained, cnntrain, point):
    summary = f'{{"status": "running", "early_stopping_point": {point}}}'
    (trained / "summary.json").write_text(summary)
    done = cnntrain("watch", trained)
    assert done.code == 4
    assert "summary.json is not a run's summary (early_stopping_point" in done.err
    assert done.err.count("\n") == 1


def test_a_summary_without_a_best_epoch_can_be_watched(trained, cnntrain):
    (trained / "summary.json").write_text('{"status": "running"}')
    assert cnntrain("watch", trained).out.splitlines()[1] == ""


def test_where_there_is_no_run_it_exits_10(digits, cnntrain):
    assert cnntrain("watch", "nowhere").code == 10


def test_a_script_is_told_how_a_run_stands(trained, cnntrain):
    told = json.loads(cnntrain("watch", trained, "--json").out)
    assert told.pop("live") is False
    assert told == json.loads((trained / "summary.json").read_text())
