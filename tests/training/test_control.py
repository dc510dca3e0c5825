"""Steering a run by hand, and repeating it."""

import hashlib
import json
import signal
import subprocess
import sys

import pytest

from cnntrain.errors import DataError, UsageError
from cnntrain.training.control import Action, Control, Due, ask, recorded, steering

FILES = ("metrics.csv", "checkpoints/best.safetensors", "checkpoints/last.safetensors")


def digests(run):
    return {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in FILES}


def events(run, kind="control"):
    lines = map(json.loads, (run / "events.jsonl").read_text().splitlines())
    return [event for event in lines if event["event"] == kind]


@pytest.mark.parametrize("text", ["lr=0.1", "lr=1e-3", "lr=x0.1", "lr=x.5", "checkpoint", "stop"])
def test_what_can_be_asked_for(text):
    assert Action(text).text == text


@pytest.mark.parametrize("text", ["lr=0", "lr=-1", "lr=x", "lr=nan", "lr=1e999", "go", "", "lr=1 "])
def test_what_cannot_be_asked_for(text):
    with pytest.raises(UsageError, match="expected lr=VALUE, lr=xFACTOR"):
        Action(text)


def test_a_value_makes_the_rate_that_value_and_a_factor_multiplies():
    assert Action("lr=0.01").factor(old=1.0, rate=0.05) * 0.05 == pytest.approx(0.01)
    assert Action("lr=x0.5").factor(old=0.2, rate=0.05) == pytest.approx(0.1)


def test_requests_are_answered_once_in_the_order_of_asking(tmp_path):
    for text in ("lr=x0.5", "checkpoint", "stop"):
        ask(tmp_path, Action(text))
    (tmp_path / ".tmp-1-abc").write_text("half written")
    control = Control(tmp_path, [Due(3, Action("lr=1"), True)])
    asked = control.due(2)
    assert [due.action.text for due in asked] == ["lr=x0.5", "checkpoint", "stop"]
    for due in asked:
        due.done()
    assert [due.action.text for due in control.due(5)] == ["lr=1"]
    assert control.due(6) == []


def test_a_request_that_is_recorded_is_not_answered_again(tmp_path):
    """The process died between recording it and removing its file."""
    ask(tmp_path, Action("lr=x0.5"))
    (name,) = (path.name for path in tmp_path.iterdir())
    path = tmp_path / "events.jsonl"
    event = {"event": "control", "step": 3, "action": "lr=x0.5", "request": name}
    path.write_text(json.dumps(event) + "\n")
    control = Control(tmp_path)
    control.forget([entry.request for entry in recorded(path)] + ["../elsewhere"])
    assert control.due(3) == []


def test_nonsense_in_the_folder_is_no_request(tmp_path):
    (tmp_path / f"{1:020d}-0123abcd.json").write_text('{"action": "rm"}')
    (tmp_path / f"{2:020d}-0123abcd.json").write_text("[")
    assert Control(tmp_path).due(0) == []


def test_steering_reads_the_recorded_actions(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = [
        {"event": "start", "step": 0},
        {"event": "control", "step": 5, "action": "lr=x0.1"},
        {"event": "control", "step": 7, "action": "checkpoint"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"event": "con')
    assert steering(path) == [(5, Action("lr=x0.1"))]
    path.write_text("nonsense\n{}\n")
    with pytest.raises(DataError, match="events.jsonl:1: not an event"):
        steering(path)


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
    digits.write_text(digits.read_text().replace("epochs: 2", "epochs: 150"))
    return digits


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
    assert cnntrain("fit", long, "--quiet", "--run", "plain").code == 0
    assert digests(long.parent / "plain") != digests(live.run)


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


def test_a_steered_run_that_was_killed_is_steered_again(long, cnntrain, wait_for):
    live = Live(long, "live", wait_for)
    assert cnntrain("control", live.run, "lr=x0.5").code == 0
    wait_for(lambda: len(events(live.run)) == 1, live.process)
    live.process.send_signal(signal.SIGKILL)
    live.process.wait()
    assert cnntrain("fit", long, "--quiet", "--resume", "--run", live.run).code == 0
    assert len(events(live.run)) == 1
    replay = ("--replay", live.run / "events.jsonl")
    assert cnntrain("fit", long, "--quiet", "--run", "again", *replay).code == 0
    assert digests(long.parent / "again") == digests(live.run)


def test_checkpoint_writes_one_at_once(long, cnntrain, wait_for):
    live = Live(long, "live", wait_for)
    assert cnntrain("control", live.run, "checkpoint").code == 0
    wait_for(lambda: len(events(live.run)) == 1, live.process)
    assert cnntrain("control", live.run, "stop").code == 0
    assert live.process.wait(60) == 7


def test_only_a_live_run_can_be_steered(trained, cnntrain):
    done = cnntrain("control", trained, "stop")
    assert done.code == 10
    assert "no process is training in" in done.err
    assert cnntrain("control", "nowhere", "stop").code == 10
    assert cnntrain("control", trained, "lr=-1").code == 2
