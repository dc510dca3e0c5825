"""Files of a run that vanish or cannot be read: one line, and nothing is made anew by half."""

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from .conftest import CNNTRAIN, LONG

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]  # a user without rights


def one_line(done, code):
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1
    assert "error: " in done.stderr
    return done.stderr


@pytest.mark.parametrize("lost", [".", "metrics.csv", "events.jsonl", "checkpoints"])
def test_what_is_removed_under_a_live_run_ends_it(lab, wait_for, lost):
    run = lab.folder / "run"
    process = lab.start(lab.command("run", *LONG), stderr=subprocess.PIPE, text=True)
    wait_for((run / "checkpoints/last.safetensors").exists, process)
    if lost == "checkpoints":  # at once: the run writes there all the time
        (run / lost).rename(lab.folder / "lost")
    else:
        subprocess.run(["rm", "-rf", run / lost], stderr=subprocess.DEVNULL)
    if lost == "events.jsonl":  # the next one comes when somebody asks for something
        lab.run([*CNNTRAIN, "control", "run", "checkpoint"])
    _, said = process.communicate(timeout=60)
    assert process.returncode == 5, said
    assert said.startswith("cnntrain: error: ")
    assert said.count("\n") == 1
    assert not (run / lost).is_file()
    assert lost != "." or not (run / "config.yaml").exists()


def test_the_folder_of_requests_may_be_lacking(stopped):
    """As in copies made by a program that drops empty folders."""
    shutil.rmtree(stopped.folder / "run/control")
    assert stopped.resume() == ""
    assert (stopped.folder / "run/control").is_dir()


@pytest.mark.parametrize("name", ["timings.csv", "steps.csv", "layers.csv"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\n1,2\n", b"nonsense"])
def test_tables_that_are_not_promised_are_made_anew(stopped, name, content):
    path = stopped.folder / "run" / name
    whole = path.read_text().splitlines()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert stopped.resume() == ""
    lines = path.read_text().splitlines()
    assert lines[0] == whole[0]
    assert all(line.count(",") == whole[0].count(",") for line in lines)


@pytest.mark.parametrize("name", ["events.jsonl", "timings.csv", "metrics.csv", "summary.json"])
def test_a_folder_in_the_place_of_a_file(stopped, name):
    path = stopped.folder / "run" / name
    path.unlink()
    path.mkdir()
    assert stopped.resume()[:3] in ("4: ", "5: ")


def test_a_request_that_is_a_folder_is_none(stopped):
    (stopped.folder / "run/control" / f"{1:020d}-0123abcd.json").mkdir()
    assert stopped.resume() == ""


def test_what_a_killed_control_has_left_is_cleared(stopped):
    (stopped.folder / "run/control/.tmp-1-0123abcd").touch()
    stopped.finish()


def test_damaged_events_are_run_state(stopped):
    with (stopped.folder / "run/events.jsonl").open("a") as file:
        file.write("nonsense\n{}\n")
    assert "events.jsonl:" in stopped.resume()
    assert stopped.resume().startswith("4: ")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["fit", "--resume", "--run"], 10),
        (["evaluate"], 10),
        (["describe"], 2),
        (["control"], 10),
        (["check-gradients"], 2),
        (["watch"], 10),
        (["predict"], 10),
    ],
    ids=lambda value: str(value),
)
def test_a_name_that_no_file_can_have(lab, command, code):
    more = {"control": ["stop"], "predict": ["fault.yaml"]}.get(command[0], [])
    one_line(lab.run([*CNNTRAIN, *command, "x" * 300, *more]), code)


@pytest.fixture
def theirs(stopped):
    """The stopped run in a folder that a user without rights can use."""
    folder = Path(tempfile.mkdtemp())
    subprocess.run(["cp", "-a", *stopped.folder.iterdir(), folder], check=True)
    subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
    yield replace(stopped, folder=folder)
    subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
    shutil.rmtree(folder)


@pytest.mark.system
@pytest.mark.parametrize(
    "name",
    ["", "checkpoints", "control", "metrics.csv", "events.jsonl", "summary.json", "config.yaml"],
)
def test_what_may_not_be_read_is_never_taken_for_empty(theirs, name):
    path = theirs.folder / "run" / name
    mode = path.stat().st_mode
    path.chmod(0)
    done = theirs.run([*NOBODY, *theirs.command("run")])
    assert one_line(done, 2 if name == "config.yaml" else 4 if name == "summary.json" else 5)
    assert "Permission denied" in done.stderr
    path.chmod(mode)
    theirs.finish()


@pytest.mark.system
@pytest.mark.parametrize(
    "command",
    ["evaluate run", "describe run", "predict run x.npy", "control run stop", "watch run --once",
     "check-gradients run", "fit --resume --run run"],
)  # fmt: skip
def test_readers_say_that_they_may_not(theirs, command):
    (theirs.folder / "run").chmod(0)
    said = one_line(theirs.run([*NOBODY, *CNNTRAIN, *command.split()]), 4)
    assert "cannot read run/config.yaml: Permission denied" in said


@pytest.mark.system
def test_a_read_only_folder_is_exit_5_before_the_first_step(theirs):
    (theirs.folder / "run").chmod(0o555)
    one_line(theirs.run([*NOBODY, *theirs.command("run")]), 5)
    (theirs.folder / "run").chmod(0o777)
    theirs.finish()
