"""What a run has recorded of actions, as a replay reads it."""

import json

import pytest

from cnntrain.errors import CheckpointError, DataError
from cnntrain.training.control.action import Action
from cnntrain.training.control.recorded import read_recorded, read_replay


def test_a_replay_reads_the_recorded_changes_of_the_rate(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = [
        {"event": "start", "step": 0},
        {"event": "control", "step": 5, "action": "lr=x0.1"},
        {"event": "control", "step": 7, "action": "checkpoint"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"event": "con')
    assert read_replay(path) == [(5, Action("lr=x0.1"))]
    path.write_text("nonsense\n{}\n")
    with pytest.raises(DataError, match=r"events.jsonl:1: not an event"):
        read_replay(path)
    with pytest.raises(DataError, match=r"is a directory, expected .* \(give .*/events.jsonl\)$"):
        read_replay(tmp_path)
    with pytest.raises(DataError, match=r"^cannot read .*nowhere: No such file or directory$"):
        read_replay(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "wrong",
    [
        '"step": 1e400, "action": "lr=x0.1"',
        '"step": -1, "action": "lr=x0.1"',
        '"step": true, "action": "lr=x0.1"',
        '"step": "5", "action": "lr=x0.1"',
        '"step": 5, "action": "lr=x1e400"',
        '"step": 5, "action": ["stop"]',
        '"step": 5, "action": "stop", "request": 3',
        '"step": 5',
    ],
)
def test_an_action_that_no_run_records_is_refused_with_its_line(tmp_path, wrong):
    path = tmp_path / "events.jsonl"
    path.write_text(f'{{"event": "start"}}\n{{"event": "control", {wrong}}}\n')
    with pytest.raises(DataError, match=r"events.jsonl:2: not an action of a run$"):
        read_replay(path)
    with pytest.raises(CheckpointError, match=r"events.jsonl:2: not an action of a run$"):
        read_recorded(path)
