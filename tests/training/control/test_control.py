"""Requests to a run under way, and repeating them."""

import json
import signal
import subprocess
import sys

import pytest

from cnntrain.config import load_config
from cnntrain.runs import checkpoint_file as checkpoint
from cnntrain.training.control.action import Action
from cnntrain.training.control.requests import Control, submit
from cnntrain.training.fit import fit
from cnntrain.training.progress import Progress

from ...run_files import digests
from ...run_files import events as all_events


def events(run):
    """What was done by hand."""
    return all_events(run, "control")


class Live:
    """A run in a process of its own."""

    def __init__(self, config, name, wait_for, *options):
        command = [sys.executable, "-m", "cnntrain", "fit", str(config), "--run", name, *options]
        self.run = config.parent / name
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for((self.run / "checkpoints" / "last.safetensors").exists, self.process)


@pytest.fixture
def long(digits):
    """A config whose run takes some seconds."""
    digits.write_text(digits.read_text().replace("epochs: 2", "epochs: 200"))
    return digits


@pytest.mark.slow
def test_a_live_run_is_steered_and_the_steering_repeated(long, cnntrain, wait_for):
    live = Live(long, "live", wait_for)
    done = cnntrain("control", live.run, "lr=x0.5")
    assert (done.code, done.out) == (0, f"asked {live.run} for lr=x0.5\n")
    wait_for(lambda: len(events(live.run)) == 1, live.process)
    assert cnntrain("control", live.run, "lr=0.001").code == 0
    wait_for(lambda: len(events(live.run)) == 2, live.process)
    assert live.process.wait(120) == 0
    first, second = events(live.run)
    assert (first["action"], second["action"]) == ("lr=x0.5", "lr=0.001")
    assert 0 < first["step"] < second["step"]
    last = (live.run / "metrics.csv").read_text().splitlines()[-1]
    assert float(last.split(",")[3]) == pytest.approx(0.001)

    replay = ("--replay", live.run / "events.jsonl")
    assert cnntrain("fit", long, "--quiet", "--run", "again", *replay).code == 0
    again = long.parent / "again"
    assert digests(again) == digests(live.run)
    assert [(e["step"], e["action"]) for e in events(again)] == [
        (e["step"], e["action"]) for e in events(live.run)
    ]


@pytest.mark.slow
def test_stop_leaves_a_run_that_can_be_resumed(long, cnntrain, wait_for):
    live = Live(long, "live", wait_for)
    assert cnntrain("control", live.run, "lr=x0.5").code == 0
    wait_for(lambda: len(events(live.run)) == 1, live.process)
    assert cnntrain("control", live.run, "stop").code == 0
    assert live.process.wait(60) == 7
    summary = json.loads((live.run / "summary.json").read_text())
    assert (summary["status"], summary["exit_code"]) == ("stopped", 7)
    steered = events(live.run)[0]["step"]
    assert cnntrain("fit", long, "--quiet", "--resume", "--run", live.run).code == 0
    replay = ("--replay", live.run / "events.jsonl")
    assert cnntrain("fit", long, "--quiet", "--run", "again", *replay).code == 0
    assert digests(long.parent / "again") == digests(live.run)
    assert events(long.parent / "again")[0]["step"] == steered


def test_a_steered_run_that_was_killed_is_steered_again(digits):
    """Its last checkpoint is from before it was asked."""
    code = """
import os, signal
from pathlib import Path
from cnntrain import fit
from cnntrain.training.control.action import Action
from cnntrain.training.control.requests import submit
from cnntrain.training.progress import Progress

class Asker(Progress):
    def step(self, step):
        if (step.epoch, step.batch) == (2, 5):
            submit(Path("live/control"), Action("lr=x0.5"))
        if (step.epoch, step.batch) == (2, 8):
            os.kill(os.getpid(), signal.SIGKILL)

fit("small.yaml", run="live", progress=Asker())
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    live, again = digits.parent / "live", digits.parent / "again"
    assert fit(digits, run=live, resume=True).exit_code == 0
    assert [event["action"] for event in events(live)] == ["lr=x0.5"]
    fit(digits, run=again, replay=live / "events.jsonl")
    assert digests(again) == digests(live)


class Asker(Progress):
    """Asks the run in directory `run` for things: `asks` has them by epoch and step.

    notes, saved   what the run said, and the checkpoints of steps there were at the last step
    """

    def __init__(self, run, asks):
        self.run, self.asks, self.notes, self.saved = run, asks, [], []

    def step(self, step):
        self.saved = sorted((self.run / "checkpoints").glob("step-*"))
        for text in self.asks.get((step.epoch, step.batch), ()):
            submit(self.run / "control", Action(text))

    def note(self, message):
        self.notes.append(message)

    def warn(self, message):
        self.note(f"warning: {message}")


def steer(digits, asks, **options):
    """The directory of a run of two epochs, and the one who asked it for things."""
    run = digits.parent / "run"
    asker = Asker(run, asks)
    fit(digits, run=run, progress=asker, **options)
    return run, asker


def test_checkpoint_writes_one_at_once(digits):
    run, asker = steer(digits, {(1, 5): ["checkpoint"], (1, 6): ["stop"]})
    assert [path.name for path in asker.saved] == ["step-00000005.safetensors"]
    (stopped,) = (run / "checkpoints").glob("step-*")
    _, metadata = checkpoint.read(stopped)
    assert (metadata["step"], metadata["epoch"]) == (6, 0)


def test_a_rate_from_which_no_action_leads_back_is_refused(digits):
    asks = {(1, 2): ["lr=x1e-200"], (1, 4): ["lr=x1e-200"], (1, 6): ["lr=0.01"]}
    run, asker = steer(digits, asks)
    assert [event["action"] for event in events(run)] == ["lr=x1e-200", "lr=0.01"]
    assert (
        "warning: lr=x1e-200 was not acted on: no finite factor > 0 takes the learning rate from "
        "5e-202 there"
    ) in asker.notes
    last = (run / "metrics.csv").read_text().splitlines()[-1]
    assert float(last.split(",")[3]) == pytest.approx(0.01)
    again = digits.parent / "again"
    fit(digits, run=again, replay=run / "events.jsonl")
    assert digests(again) == digests(run)


def test_what_is_asked_for_after_the_last_step_is_dropped_and_said(digits):
    run, asker = steer(digits, {(2, 21): ["lr=x0.5", "stop"]})
    assert asker.notes == [
        "warning: lr=x0.5 was not acted on: it came too late",
        "warning: stop was not acted on: it came too late",
        "finished: all 2 epochs done",
    ]
    assert list((run / "control").iterdir()) == events(run) == []
    longer = load_config(digits, overrides={"epochs": 3})
    assert fit(longer, run=run, resume=True).status == "finished"


def test_what_a_process_that_died_was_asked_for_is_dropped(digits):
    run, _ = steer(digits, {(1, 5): ["stop"]})
    submit(run / "control", Action("lr=x0.5"))
    (name,) = (path.name for path in (run / "control").iterdir())
    asker = Asker(run, {(1, 7): ["lr=x0.1"]})
    fit(digits, run=run, resume=True, progress=asker)
    assert asker.notes[1:3] == [
        "warning: lr=x0.5 was not acted on: it came too late",
        "learning rate 0.05 -> 0.005 (by hand)",
    ]
    assert name not in {event.get("request") for event in events(run)}


def test_what_is_asked_for_while_a_run_is_taken_up_is_done(digits):
    """By a process that holds the directory, but has not read its data yet."""
    control = Control(digits.parent)
    submit(digits.parent, Action("stop"))
    assert control.stale == set()
    assert len(Control(digits.parent).stale) == 1


def test_replayed_actions_beyond_the_end_are_said(digits):
    script = digits.parent / "events.jsonl"
    actions = [(3, "lr=x0.5"), (43, "lr=x0.1")]
    script.write_text(
        "".join(
            json.dumps({"event": "control", "step": step, "action": text}) + "\n"
            for step, text in actions
        )
    )
    run, asker = steer(digits, {}, replay=script)
    assert [event["step"] for event in events(run)] == [3]
    assert "warning: lr=x0.1 was not acted on: its step 43 was not reached" in asker.notes


def test_only_a_live_run_can_be_steered(trained, cnntrain):
    done = cnntrain("control", trained, "stop")
    assert done.code == 10
    assert done.err == (
        f"cnntrain: error: no process is training in {trained} (the run has ended: finished)\n"
    )
    summary = (trained / "summary.json").read_text()
    (trained / "summary.json").write_text(summary.replace("finished", "stopped"))
    assert "(cnntrain fit --resume goes on)" in cnntrain("control", trained, "stop").err
    assert cnntrain("control", "nowhere", "stop").code == 10
    assert cnntrain("control", trained, "lr=-1").code == 2
