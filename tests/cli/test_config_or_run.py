"""Where a command takes a config it takes a run, and a checkpoint, too."""

import json

import pytest

COMMANDS = [
    ("inspect", "--json"),
    ("describe", "--json"),
    ("schedule", "--json"),
    ("check-gradients", "--entries", "2", "--json"),
    ("trace", "--json"),
    ("bench", "--passes", "1", "--json"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_config_a_run_and_a_checkpoint_are_alike(trained, digits, cnntrain, command):
    name, *options = command
    targets = [digits, trained, trained / "checkpoints/best.safetensors"]
    answers = [cnntrain(name, target, *options) for target in targets]
    assert [answer.code for answer in answers] == [0, 0, 0], answers
    if name in {"describe", "schedule"}:
        found = [[json.loads(line) for line in answer.out.splitlines()] for answer in answers]
        for entries in found:
            entries[0].pop("name", None)
        assert found[0] == found[1] == found[2]


def test_a_checkpoint_takes_other_values(trained, cnntrain):
    path = trained / "checkpoints/best.safetensors"
    done = cnntrain("describe", path, "--set", "layers.conv1.filters=9", "--json")
    assert json.loads(done.out)["layers"][0]["output"] == [6, 6, 9]


def test_what_is_no_checkpoint_is_said(trained, cnntrain):
    path = trained / "checkpoints/best.safetensors"
    path.write_bytes(b"x")
    done = cnntrain("describe", path)
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert cnntrain("describe", trained / "none.safetensors").code == 10


def test_the_steps_of_a_schedule_in_csv_and_json_are_the_same(digits, cnntrain):
    csv = cnntrain("schedule", digits, "--csv").out.splitlines()
    names = csv[0].split(",")
    for line, text in zip(
        csv[1:], cnntrain("schedule", digits, "--json").out.splitlines(), strict=True
    ):
        assert [repr(json.loads(text)[name]) for name in names] == line.split(",")
    assert cnntrain("schedule", digits, "--json", "--csv").code == 2
