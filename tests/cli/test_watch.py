"""`cnntrain watch`: how a run stands, without touching it."""

import hashlib
import signal
import subprocess
import sys


def digests(run):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in run.rglob("*")
        if path.is_file()
    }


def test_a_finished_run_is_shown_once_and_left_alone(trained, cnntrain):
    before = digests(trained)
    result = cnntrain("watch", trained)
    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == f"{trained}  finished: all 2 epochs done"
    assert "* best" in result.out
    assert "epochs 1 to 2; loss: t training, v validation" in result.out
    assert digests(trained) == before


def test_a_live_run_is_followed_to_its_end(digits, cnntrain, wait_for):
    digits.write_text(digits.read_text().replace("epochs: 2", "epochs: 60"))
    process = subprocess.Popen([sys.executable, "-m", "cnntrain", "fit", "small.yaml", "--quiet"])
    wait_for((digits.parent / "runs" / "small" / "summary.json").exists, process)
    result = cnntrain("watch", "runs/small")
    assert process.wait(60) == 0
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


def test_where_there_is_no_run_it_exits_10(digits, cnntrain):
    assert cnntrain("watch", "nowhere").code == 10
