"""One writer for a run directory; readers need no lock."""

import json
import os
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnntrain import LockedError
from cnntrain.runs.lock import is_live, locked

from .conftest import CNNTRAIN, LONG


@pytest.mark.slow
def test_of_many_that_start_at_once_one_wins(lab):
    started = [lab.start(lab.command("run"), stderr=subprocess.PIPE, text=True) for _ in range(8)]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in started]
    codes = sorted(code for _, code in ended)
    assert codes[0] == 0
    assert set(codes) <= {0, 11}  # later ones may find it complete
    for said, code in ended:
        assert (code == 0) or "cnntrain: error: the run directory run is in use by process " in said
    lab.finish()


def test_a_second_process_is_told_who_has_the_run_and_changes_nothing(lab, wait_for):
    first = lab.start(lab.command("run", *LONG))
    try:
        wait_for((lab.folder / "run/checkpoints/best.safetensors").exists, first)
        holder = json.loads((lab.folder / "run/.lock.json").read_text())
        assert holder["pid"] == first.pid
        second = lab.run(lab.command("run"))
        assert second.returncode == 11
        who = f"process {first.pid} on {holder['host']} since {holder['since']}"
        assert second.stderr == f"cnntrain: error: the run directory run is in use by {who}\n"
        (lab.folder / "fault.yaml").write_text("nonsense: [")
        assert lab.run(lab.command("run")).returncode == 2  # the config is no part of the run
        for command in (["evaluate", "run"], ["watch", "run", "--once"]):
            assert lab.run([*CNNTRAIN, *command]).returncode == 0
    finally:
        first.kill()
        first.wait()


def test_a_lock_dies_with_its_process(lab, wait_for):
    first = lab.start(lab.command("run"))
    wait_for((lab.folder / "run/.lock.json").exists, first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    lab.finish()


def test_the_lock_comes_before_the_state_of_the_run(lab, wait_for):
    """11 wins over 2, 4 and 12."""
    first = lab.start(lab.command("run", *LONG))
    try:
        wait_for((lab.folder / "run/summary.json").exists, first)
        fresh = [part for part in lab.command("run") if part != "--resume"]
        assert lab.run(fresh).returncode == 11
        wait_for((lab.folder / "run/checkpoints/last.safetensors").exists, first)
        assert lab.run(lab.command("run", "--set", "seed=9")).returncode == 11
        (lab.folder / "run/config.yaml").write_text("nonsense: [")
        own = [*CNNTRAIN, "fit", "--resume", "--run", "run"]
        assert lab.run(own).returncode == 11
    finally:
        first.kill()
        first.wait()


@pytest.mark.parametrize(
    "holder",
    [
        {"pid": os.getppid(), "host": socket.gethostname(), "since": "2000-01-01T00:00:00Z"},
        {"pid": 1, "host": "renamed", "since": "2000-01-01T00:00:00Z"},
        {"pid": 10**20},
        {"pid": float("inf")},
        pytest.param("[" * 100_000, marks=pytest.mark.slow),  # waits for its holder
        pytest.param([], marks=pytest.mark.slow),
    ],
)
def test_what_a_dead_process_has_said_of_itself_does_not_count(stopped, holder):
    """Its number may be another's by now, and the host may be called otherwise."""
    run = stopped.folder / "run"
    (run / ".lock").touch()
    text = holder if isinstance(holder, str) else json.dumps(holder)
    (run / ".lock.json").write_text(text)
    assert not is_live(run)
    with locked(run):
        assert is_live(run)
        (run / ".lock.json").write_text(text)
        with pytest.raises(LockedError, match="in use by"), locked(run):
            pass
    assert stopped.resume() == ""


def test_asking_whether_a_run_is_live_keeps_nobody_out(stopped):
    run = stopped.folder / "run"
    with ThreadPoolExecutor() as pool:
        asking = [pool.submit(lambda: [is_live(run) for _ in range(2000)]) for _ in range(2)]
        for _ in range(20):
            with locked(run):
                pass
        assert all(len(answers.result()) == 2000 for answers in asking)
