"""Signals in the middle of a step of a second or so, which an engine spends in few calls."""

import json
import signal
import threading

import pytest

from cnntrain.nn.engines.compiled.library import load

pytestmark = pytest.mark.slow

LAYERS = """[
    {type: conv, filters: 128, kernel: 3, padding: same}, {type: relu},
    {type: conv, filters: 128, kernel: 5, padding: same}, {type: relu},
    {type: conv, filters: 128, kernel: 5, padding: same}, {type: relu},
    {type: flatten}, {type: dense, units: 10}, {type: softmax}]"""

# The engine decides when a signal is heard, not which signal it is.
SIGNALS = [
    ("numpy", signal.SIGINT),
    pytest.param(
        ("compiled", signal.SIGTERM),
        marks=pytest.mark.skipif(isinstance(load(), str), reason="it was not compiled"),
    ),
]


def steps(run):
    """How many are done."""
    rows = run / "steps.csv"
    return len(rows.read_text().splitlines()) - 1 if rows.exists() else 0


@pytest.fixture(params=SIGNALS, ids=lambda pair: pair[0])
def under_way(lab, wait_for, request):
    """A process in its second step, its run directory, and a signal."""
    engine, number = request.param
    settings = {
        "layers": LAYERS,
        "batch_size": 400,
        "record_steps": 1,
        "checkpoint.every_steps": "none",
        "phases": "none",
        "optimizer": "sgd",
        "learning_rate": 0.01,
        "compute.engine": engine,
        "compute.workers": 2,
    }
    options = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    process = lab.start(lab.command("run", *options))
    wait_for(lambda: steps(lab.folder / "run") == 1, process)
    threading.Event().wait(0.1)
    return process, lab.folder / "run", number


def test_the_step_is_finished(under_way):
    process, run, number = under_way
    done = steps(run)
    process.send_signal(number)
    assert process.wait(timeout=60) == -number
    assert steps(run) == done + 1
    assert (run / f"checkpoints/step-{done + 1:08}.safetensors").exists()
    assert json.loads((run / "summary.json").read_text())["status"] == "interrupted"


def test_a_second_signal_does_not_wait_for_it(under_way):
    """Sent until it is heard: two at once may count as one."""
    process, run, number = under_way
    done = steps(run)
    while process.poll() is None:
        process.send_signal(number)
        threading.Event().wait(0.05)
    assert process.returncode == -number
    assert steps(run) == done
    assert not list((run / "checkpoints").glob("step-*"))
