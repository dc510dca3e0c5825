"""Requests in the folder of a run: each is answered once, in the order of asking."""

import json

from cnntrain.training.control.action import Action
from cnntrain.training.control.recorded import Recorded, read_recorded
from cnntrain.training.control.requests import Control, PendingAction, submit


def test_requests_are_answered_once_in_the_order_of_asking(tmp_path):
    for text in ("lr=x0.5", "checkpoint", "stop"):
        submit(tmp_path, Action(text))
    (tmp_path / ".tmp-1-abc").write_text("half written")
    control = Control(tmp_path)
    control.script.append(PendingAction(3, Action("lr=1"), True))
    asked = control.due(2)
    assert [due.action.text for due in asked] == ["lr=x0.5", "checkpoint", "stop"]
    for due in asked:
        due.remove_request()
    assert [due.action.text for due in control.due(5)] == ["lr=1"]
    assert control.due(6) == []


def test_a_request_that_is_recorded_is_not_answered_again(tmp_path):
    """The process died between recording it and removing its file."""
    folder = tmp_path / "control"
    folder.mkdir()
    submit(folder, Action("lr=x0.5"))
    (name,) = (path.name for path in folder.iterdir())
    path = tmp_path / "events.jsonl"
    event = {"event": "control", "step": 3, "action": "lr=x0.5", "request": name}
    path.write_text(json.dumps(event) + "\n")
    elsewhere = Recorded(3, Action("stop"), "../events.jsonl")
    control = Control(folder, [*read_recorded(path), elsewhere])
    control.start(taken=1)
    assert control.due(3) == list(folder.iterdir()) == []
    assert path.exists()


def test_nonsense_in_the_folder_is_no_request(tmp_path):
    (tmp_path / f"{1:020d}-0123abcd.json").write_text('{"action": "rm"}')
    (tmp_path / f"{2:020d}-0123abcd.json").write_text("[")
    assert Control(tmp_path).due(0) == []
