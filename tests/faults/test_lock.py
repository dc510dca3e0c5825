"""One writer for a run directory; readers need no lock."""

import json
import signal
import subprocess

from .conftest import CNNTRAIN, LONG


def test_of_many_that_start_at_once_one_wins(lab):
    started = [lab.start(lab.command("run"), stderr=subprocess.PIPE, text=True) for _ in range(8)]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in started]
    codes = sorted(code for _, code in ended)
    assert codes[0] == 0
    assert set(codes) <= {0, 11}  # later ones may find it complete
    for said, code in ended:
        assert (code == 0) or "cnntrain: error: the run directory run is in use by " in said
    lab.finish("run")


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
    lab.finish("run")


def test_the_lock_comes_before_the_state_of_the_run(lab, wait_for):
    """11 wins over 4 and 12."""
    first = lab.start(lab.command("run", *LONG))
    try:
        wait_for((lab.folder / "run/summary.json").exists, first)
        fresh = [part for part in lab.command("run") if part != "--resume"]
        assert lab.run(fresh).returncode == 11
        wait_for((lab.folder / "run/checkpoints/last.safetensors").exists, first)
        assert lab.run(lab.command("run", "--set", "seed=9")).returncode == 11
    finally:
        first.kill()
        first.wait()
