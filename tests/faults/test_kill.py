"""SIGKILL at random moments, again and again, until runs are complete."""

import os
import random
import shutil
import signal
import subprocess

import pytest

KILLS = int(os.environ.get("CNNTRAIN_KILLS", "20"))  # 200 for a night


@pytest.mark.slow
def test_killed_at_random_moments_every_run_ends_with_the_same_bytes(lab, tally):
    """Loading, training, validating and saving alike; a run that is complete is followed by
    another one."""
    moments = random.Random(0)
    kills = 0
    while kills < KILLS:
        process = lab.start(lab.command("run"), stderr=subprocess.PIPE, text=True)
        try:
            _, said = process.communicate(timeout=moments.uniform(0.05, 0.9))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            tally["kills"] += 1
            tally["kills within a write"] += any(lab.folder.rglob(".tmp-*"))
            continue
        assert process.returncode == 0, said
        lab.finish()
        shutil.rmtree(lab.folder / "run")
    lab.finish()


def test_an_evaluation_that_is_killed_leaves_the_run_as_it_was(lab):
    lab.finish()
    before = {path: path.read_bytes() for path in lab.folder.rglob("*") if path.is_file()}
    process = lab.start([*lab.command("run")[:3], "evaluate", "run"])
    try:
        process.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert {path: path.read_bytes() for path in lab.folder.rglob("*") if path.is_file()} == before
