"""Damaged files are never believed, and never end in anything but one clear line."""

import json
import os

import pytest

from cnntrain import CheckpointError, load_checkpoint
from cnntrain.runs import checkpoint_file as checkpoint


def newest(lab):
    return newest_of(lab.folder / "run")


def newest_of(run):
    return sorted((run / "checkpoints").glob("epoch-*"))[-1]


def test_no_damage_of_a_checkpoint_is_accepted(cut, tmp_path, tally):
    """Every bit of the header's start, and of every 13th byte beyond, every 97th prefix."""
    data = newest_of(cut).read_bytes()
    places = {*range(64), *range(64, len(data), 13)}
    mutants = [
        data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
        for at in sorted(places)
        for bit in range(8)
    ]
    mutants += [data[:length] for length in range(0, len(data), 97)]
    mutants += [data + b"\0", data + data, bytes(len(data)), os.urandom(len(data)), b""]
    for mutant in mutants:
        with pytest.raises(CheckpointError):
            checkpoint.decode(mutant, "file")
    tally["damaged checkpoints refused"] += len(mutants)


def test_a_checkpoint_with_a_right_digest_but_other_contents_is_refused(cut, tmp_path):
    """As a hand or another version might write it."""
    arrays, metadata = checkpoint.decode(newest_of(cut).read_bytes(), "file")
    path = tmp_path / "file.safetensors"
    changes = [
        {**metadata, "config": {**metadata["config"], "layers": []}},
        {**metadata, "config": "nonsense"},
        {**metadata, "outputs": 11},
        {**metadata, "outputs": "ten"},
        {**metadata, "input_shape": [2**40, 2**40, 1]},
        {**metadata, "standardizer": {"scale": "x"}},
        {**metadata, "class_names": 7},
        {key: value for key, value in metadata.items() if key != "split_sha256"},
    ]
    for change in changes:
        path.write_bytes(checkpoint.encode(arrays, change))
        with pytest.raises(CheckpointError):
            load_checkpoint(path)
    for name in arrays:
        for other in (arrays[name][..., :1], arrays[name].astype("f2")):
            if name.startswith("optimizer/"):
                continue
            path.write_bytes(checkpoint.encode({**arrays, name: other}, metadata))
            with pytest.raises(CheckpointError):
                load_checkpoint(path, "average" if name.startswith("average/") else "own")


def test_a_newer_format_is_named(cut, tmp_path, monkeypatch):
    arrays, metadata = checkpoint.decode(newest_of(cut).read_bytes(), "file")
    monkeypatch.setattr(checkpoint, "FORMAT", 2)
    data = checkpoint.encode(arrays, metadata)
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="checkpoint format 2, expected 1"):
        checkpoint.decode(data, "file")


@pytest.mark.parametrize("what", ["flip", "cut", "empty", "zeros", "swap", "gone"])
def test_a_resume_falls_back_to_the_newest_that_verifies(stopped, what):
    path = newest(stopped)
    data = path.read_bytes()
    older = sorted((stopped.folder / "run/checkpoints").glob("epoch-*"))[-2]
    content = {
        "flip": data[:-1] + bytes([data[-1] ^ 1]),
        "cut": data[:-100],
        "empty": b"",
        "zeros": bytes(len(data)),
        "swap": older.read_bytes(),
    }
    if what == "gone":
        path.unlink()
        (path.parent / "last.safetensors").unlink()
    else:
        path.write_bytes(content[what])  # of all its names
    stopped.finish()


def test_damage_is_said_and_no_valid_checkpoint_is_exit_4(stopped):
    path = newest(stopped)
    path.write_bytes(b"x")
    command = [part for part in stopped.command("run") if part != "--quiet"]
    done = stopped.run([*command, "--set", "max_minutes=1e-9"])
    assert f"warning: run/checkpoints/{path.name}: not a cnntrain" in done.stderr
    for path in (stopped.folder / "run/checkpoints").iterdir():
        path.write_bytes(b"x")
    done = stopped.run(stopped.command("run"))
    assert done.returncode == 4
    assert done.stderr.startswith("cnntrain: error: no checkpoint in run/checkpoints verifies: ")


def test_a_torn_tail_of_a_table_is_cut_off(stopped):
    for name in ("metrics.csv", "timings.csv", "steps.csv", "layers.csv", "events.jsonl"):
        with (stopped.folder / "run" / name).open("ab") as file:
            file.write(b"4,64" if name.endswith("csv") else b'{"time": "20')
    stopped.finish()
    events = (stopped.folder / "run/events.jsonl").read_text().splitlines()
    assert all(json.loads(line)["event"] for line in events)


@pytest.mark.parametrize("what", ["digit", "flip", "shorter", "gone", "crlf"])
def test_damage_within_the_recorded_metrics_is_exit_4(stopped, what):
    path = stopped.folder / "run/metrics.csv"
    data = path.read_bytes()
    content = {
        "digit": data.replace(b"\n4,84,", b"\n4,85,"),
        "flip": data[:150] + bytes([data[150] ^ 1]) + data[151:],
        "shorter": data[:100],
        "crlf": data.replace(b"\n", b"\r\n"),
    }
    path.unlink()
    if what != "gone":
        path.write_bytes(content[what])
    done = stopped.run(stopped.command("run"))
    assert done.returncode == 4, done.stderr
    assert done.stderr.startswith("cnntrain: error: ")
    assert "run/metrics.csv:" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["config.yaml", "summary.json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"[" * 200_000, b"\xff\xfe\0", b"{}", b"[1]", b'{"status": "x", "seconds": []}'],
)
def test_other_damaged_files_of_a_run(stopped, cnntrain, monkeypatch, name, content):
    """One clear line and a documented code, or the right end all the same."""
    monkeypatch.chdir(stopped.folder)
    (stopped.folder / "run" / name).write_bytes(content)
    for command in (stopped.command("run")[3:], ["watch", "run", "--once"]):
        done = cnntrain(*command)
        assert done.code in (0, 2, 4), done.err
        assert done.code == 0 or done.err
