"""Files of a run with anything in them, under every command that reads them.

Whatever they hold: an exit code from the list, one line, no hang, and nothing changed.
"""

import json
import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..run_files import digest

CODES = {0, 2, 3, 4, 5, 6, 7, 10, 11, 12}
SECONDS = 60  # until a command counts as hanging

READERS = {
    "evaluate": ("evaluate", "run"),
    "predict": ("predict", "run", "x.npy"),
    "watch": ("watch", "run", "--once"),
    "control": ("control", "run", "checkpoint"),
    "compare": ("compare", "run", "--json"),
    "describe": ("describe", "run"),
    "bench": ("bench", "run", "--passes", "1"),
    "report": ("report", "run", "-o", "../page.html"),
    "replay": ("fit", "small.yaml", "--run", "new", "--replay", "run/events.jsonl", "--quiet"),
}
WRITERS = {
    "again": ("fit", "small.yaml", "--run", "run", "--resume", "--quiet"),
    "on": ("fit", "small.yaml", "--run", "run", "--resume", "--quiet", "--set", "epochs=3"),
}
READ_BY = {
    "summary.json": ("watch", "control", "compare", "again", "on"),
    "run.json": ("evaluate", "on"),
    "events.jsonl": ("replay", "on"),
    "metrics.csv": ("watch", "compare", "report", "on"),
    "timings.csv": ("watch", "on"),
    "steps.csv": ("watch", "on"),
    "layers.csv": ("report", "on"),
    "config.yaml": tuple(READERS) + tuple(WRITERS),
    "split.npz": ("evaluate", "on"),
    ".lock": ("watch", "control", "on"),
    ".lock.json": ("watch", "control", "on"),
    ".progress.json": ("watch", "control", "on"),
}
TABLES = ("metrics.csv", "timings.csv", "steps.csv", "layers.csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a config, a run of it and inputs."""
    import numpy as np

    from cnntrain import fit

    from ..conftest import DIGITS

    folder = tmp_path_factory.mktemp("state")
    (folder / "small.yaml").write_text(DIGITS + "record_steps: 7\nrecord_layers: true\n")
    fit(folder / "small.yaml", run=folder / "run")
    with (folder / "run/events.jsonl").open("a") as file:
        event = {"time": "t", "event": "control", "epoch": 1, "step": 5, "action": "checkpoint"}
        file.write(json.dumps({**event, "request": "x"}) + "\n")
    (folder / "run/.lock.json").write_text(json.dumps({"pid": 1, "host": "h", "since": "t"}))
    np.save(folder / "x.npy", np.zeros((2, 8, 8)))
    return folder


@pytest.fixture
def lab(made, tmp_path, monkeypatch):
    """A copy of it, which is the working directory."""
    shutil.copytree(made, tmp_path / "lab", symlinks=True)
    monkeypatch.chdir(tmp_path / "lab")
    return tmp_path / "lab"


@contextmanager
def alarm():
    """TimeoutError where the time is over."""

    def over(*_):
        raise TimeoutError("the command hangs")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def state(folder):
    """Kind, content and, of files, size of what is in a folder; signs of life come and go."""
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        small = path.is_file() and not path.is_symlink() and info.st_size < 2**20
        if path.name not in {".lock", ".lock.json", ".progress.json"}:
            content = path.read_bytes() if small else b""
            target = path.readlink() if path.is_symlink() else None
            size = 0 if path.is_dir() else info.st_size
            found[path] = (info.st_mode, size, content, target)
    return found


def check(cnntrain, lab, command, mutant):
    """Run a command on the mutant, and judge it."""
    before = state(lab)
    with alarm():
        done = cnntrain(*(READERS | WRITERS)[command])
    about = f"{command} on {mutant}: {done}"
    assert done.code in CODES, about
    errors = [line for line in done.err.splitlines() if line.startswith("cnntrain: error: ")]
    assert len(errors) <= 1, about
    assert (done.code == 0) == (not errors) or done.code == 2, about
    assert "Traceback" not in done.err, about
    if command in READERS and command != "replay":
        assert state(lab) == before, about
    elif done.code and command in WRITERS:
        changed = {p.name for p, what in state(lab).items() if before.get(p) != what}
        assert changed <= {"summary.json", "control", "checkpoints"}, f"{changed}: {about}"
    shutil.rmtree(lab / "new", ignore_errors=True)


# Whole files --------------------------------------------------------------------------------------


def absent(path):
    pass


def sparse(path):
    path.touch()
    os.truncate(path, 2**40)


WHOLE = {
    "absent": absent,
    "empty": lambda path: path.touch(),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00\n"),
    "null": lambda path: path.write_text("null\n"),
    "a list": lambda path: path.write_text("[1]\n"),
    "deep": lambda path: path.write_text("[" * 100_000 + "]" * 100_000 + "\n"),
    "a number": lambda path: path.write_text("1" * 5000 + "\n"),
    "huge": sparse,
    "a pipe": os.mkfifo,
    "a folder": lambda path: path.mkdir(),
    "a link": lambda path: path.symlink_to("/dev/zero"),
    "a loop": lambda path: path.symlink_to(path.name),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", READ_BY)
@pytest.mark.parametrize("kind", WHOLE)
def test_another_thing_in_the_place_of_a_file(lab, cnntrain, name, kind):
    for command in (*READ_BY[name], "again"):
        path = lab / "run" / name
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        WHOLE[kind](path)
        check(cnntrain, lab, command, f"{name}, {kind}")
        if command in WRITERS:
            return


@pytest.mark.parametrize("name", READ_BY)
def test_a_pipe_in_the_place_of_a_file(lab, cnntrain, name):
    (lab / "run" / name).unlink(missing_ok=True)
    os.mkfifo(lab / "run" / name)
    for command in ("watch", "again"):
        check(cnntrain, lab, command, f"{name}, a pipe")


# Fields -------------------------------------------------------------------------------------------

ABSENT = object()
VALUES = [ABSENT, None, True, -1, 10**400, float("nan"), "x\x1b", []]


def places(value, path=()):
    """The paths of all values inside a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield (*path, 0)
        yield from places(value[0], (*path, 0))


def replaced(value, path, new):
    """A copy of a JSON value with another one at a path."""
    copied = json.loads(json.dumps(value))
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    if new is ABSENT:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return copied


@pytest.fixture
def on_each(lab, cnntrain):
    """`on_each(name, mutants)`: a command that reads the file, on each of its mutants; commands
    take turns, so that each meets every value and every place."""

    def run(name, mutants):
        file, commands, number = lab / "run" / name, READ_BY[name], 0
        untouched = file.read_bytes()
        for number, (mutant, content) in enumerate(mutants, 1):
            command = commands[(number + number // len(VALUES)) % len(commands)]
            if command in WRITERS:
                shutil.copytree(lab / "run", lab / "kept", symlinks=True)
            file.write_text(content, encoding="utf-8")
            check(cnntrain, lab, command, f"{name}: {mutant}")
            if command in WRITERS:
                shutil.rmtree(lab / "run")
                (lab / "kept").rename(lab / "run")
            file.write_bytes(untouched)
        assert number

    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["summary.json", "run.json", ".lock.json"])
def test_fields_of_records(lab, on_each, name):
    value = json.loads((lab / "run" / name).read_text())
    on_each(
        name,
        (
            (f"{path} {new!r}", json.dumps(replaced(value, path, new)))
            for path in places(value)
            for new in VALUES
        ),
    )


@pytest.mark.slow
def test_fields_of_events(lab, on_each):
    lines = (lab / "run/events.jsonl").read_text().splitlines()

    def mutants():
        for i, line in enumerate(lines):
            for path in places(json.loads(line)):
                for new in VALUES:
                    changed = json.dumps(replaced(json.loads(line), path, new))
                    yield f"{path} {new!r}", "\n".join([*lines[:i], changed, *lines[i + 1 :], ""])

    on_each("events.jsonl", mutants())


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_cells_of_tables(lab, on_each, name):
    header, *rows = (lab / "run" / name).read_text().splitlines()
    cells = ["", "nan", "-1", "1e999", '"', "1,1", "1" * 5000]

    def mutants():
        for column in range(header.count(",") + 1):
            for cell in cells:
                for i, line in enumerate([header, *rows[:1]]):
                    values = line.split(",")
                    values[column] = cell
                    lines = [header, *rows]
                    lines[i] = ",".join(values)
                    yield f"row {i}, column {column} {cell[:9]!r}", "\n".join([*lines, ""])

    on_each(name, mutants())


def test_what_is_not_damaged_goes_on_to_the_right_bytes(lab, cnntrain):
    """The commands of this file, on a run in which nothing was changed."""
    for command in READERS:
        with alarm():
            done = cnntrain(*READERS[command])
        assert done.code == (10 if command == "control" else 0), done
    assert cnntrain(*WRITERS["on"]).code == 0
    assert cnntrain("fit", "small.yaml", "--run", "whole", "--quiet", "--set", "epochs=3").code == 0
    promised = ("metrics.csv", "checkpoints/last.safetensors")  # the best one ended a run of two
    assert [digest(Path("run", name)) for name in promised] == [
        digest(Path("whole", name)) for name in promised
    ]
