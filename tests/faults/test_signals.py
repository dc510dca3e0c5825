"""SIGINT and SIGTERM at any moment, once and twice, from shells of every kind."""

import json
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from .conftest import CNNTRAIN, LONG, recorded


def interrupted(lab, run):
    """Whether the run says that it was interrupted, if it had begun to train."""
    summary = lab.folder / run / "summary.json"
    return not summary.exists() or json.loads(summary.read_text())["status"] == "interrupted"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_at_random_moments(lab, tally, number):
    """Loading, training, validating and saving: dead by the signal, and nothing is lost."""
    moments = random.Random(int(number))
    for k in range(10):
        run = f"run-{k}"
        process = lab.start(lab.command(run), stderr=subprocess.PIPE, text=True)
        try:
            _, said = process.communicate(timeout=moments.uniform(0.3, 0.8))
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
            tally["signals"] += 1
            assert process.returncode in (0, -number), said
        assert "cnntrain: error" not in said
        lab.finish(run)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_asked_to_save_before_anything_is_loaded(lab, wait_for, number):
    """As soon as the process says that it catches the signal."""
    process = lab.start(lab.command("run"), stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{process.pid}/status")

    def caught():
        mask = int(status.read_text().partition("SigCgt:")[2].split()[0], 16)
        return mask >> (number - 1) & 1

    wait_for(caught, process)
    assert not (lab.folder / "run").exists()
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    assert recorded(lab.folder / "run") == lab.reference


def test_twice_in_a_row_ends_at_once(lab, wait_for, tally):
    run = lab.folder / "run"
    process = lab.start(lab.command("run", *LONG), stderr=subprocess.PIPE)
    wait_for((run / "checkpoints/last.safetensors").exists, process)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM
    process.stderr.close()
    tally["signals"] += 2


def test_a_background_job_of_a_script(lab, wait_for):
    """There SIGINT is ignored, and stays so; SIGTERM is not."""
    words = " ".join(lab.command("run", *LONG))
    script = f"{words} & echo $! > pid; wait $!; echo $? > code"
    shell = lab.start(["sh", "-c", script], stderr=subprocess.DEVNULL)
    run = lab.folder / "run"
    wait_for((run / "checkpoints/last.safetensors").exists, shell)
    pid = int((lab.folder / "pid").read_text())
    rows = len((run / "metrics.csv").read_text().splitlines())
    os.kill(pid, signal.SIGINT)
    wait_for(lambda: len((run / "metrics.csv").read_text().splitlines()) > rows + 1, shell)
    os.kill(pid, signal.SIGTERM)
    assert shell.wait(timeout=30) == 0
    assert (lab.folder / "code").read_text() == "143\n"
    assert interrupted(lab, "run")


def test_a_loop_stops_with_the_run_in_it(lab, wait_for):
    """A terminal sends Ctrl-C to the whole group: shell and run."""
    words = " ".join(lab.command("run-$k", *LONG))
    script = f"for k in 1 2 3; do {words}; done; echo survived"
    shell = lab.start(
        ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    wait_for((lab.folder / "run-1/checkpoints/last.safetensors").exists, shell)
    os.killpg(shell.pid, signal.SIGINT)
    out, _ = shell.communicate(timeout=30)
    assert out == b""
    assert shell.returncode == -signal.SIGINT
    assert not (lab.folder / "run-2").exists()
    assert interrupted(lab, "run-1")


def test_nohup(lab, wait_for):
    """SIGHUP is ignored, and no checkpoint is asked for."""
    command = ["nohup", *lab.command("run", *LONG)]
    process = lab.start(command, stderr=subprocess.DEVNULL)
    run = lab.folder / "run"
    wait_for((run / "checkpoints/last.safetensors").exists, process)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM
    assert "SIGHUP" not in (run / "events.jsonl").read_text()


@pytest.mark.parametrize("command", [["evaluate", "run"], ["describe", "fault.yaml"]])
def test_other_commands_die_by_the_signal_too(lab, command):
    lab.finish()
    process = lab.start([*CNNTRAIN, *command], stderr=subprocess.PIPE, text=True)
    try:
        _, said = process.communicate(timeout=0.25)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in said
