"""A directory that a sweep takes: nothing in it is touched before it is known to be free or its."""

from pathlib import Path

import pytest

from ..run_files import all_digests
from .conftest import SHORT

COMMANDS = {
    "run": SHORT,
    "resume": (*SHORT, "--resume"),
    "print": (*SHORT, "--print-commands"),
    "range test": ("--range-test", "--steps", "10"),
}
OTHERS = {
    "temporary files": {".tmp-notes": "mine"},
    "a config": {"config.yaml": "name: mine\n"},
    "a table": {"sweep.csv": "a,b\n1,2\n"},
    "a plan of something else": {"plan.json": '{"steps": []}', "config.yaml": "name: mine\n"},
    "trials": {"trials/a/notes.txt": "mine"},
    "a locked directory": {".lock": "", "notes.txt": "mine"},
    "a locked directory with trials": {".lock": "", "trials/notes.txt": "mine"},
    "a curve": {"range.csv": "rate,loss\n"},
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("files", OTHERS)
def test_a_directory_that_is_no_sweep_is_left_alone(digits, cnntrain, command, files):
    for name, text in OTHERS[files].items():
        path = Path("mine", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    before = all_digests(Path("mine")), sorted(Path("mine").rglob("*"))
    done = cnntrain("lr-sweep", digits, *COMMANDS[command], "--run", "mine")
    assert done.code in {2, 4, 12}
    assert len(done.err.splitlines()) <= 2  # the first line says what will be done
    assert "mine" in done.err.splitlines()[-1]
    assert (all_digests(Path("mine")), sorted(Path("mine").rglob("*"))) == before


@pytest.mark.parametrize("left", [(), (".lock",), (".lock", ".lock.json", ".tmp-1-ab", "trials/")])
def test_an_empty_directory_and_what_an_interrupted_start_left_are_taken(digits, cnntrain, left):
    Path("s").mkdir()
    for name in left:
        Path("s", name).mkdir() if name.endswith("/") else Path("s", name).touch()
    assert cnntrain("lr-sweep", digits, *SHORT, "--print-commands", "--run", "s").code == 0
    assert not list(Path("s").glob(".tmp*"))


@pytest.mark.parametrize("name", ["plan.json", "config.yaml", "sweep.csv", "trials", ".lock"])
def test_a_sweep_with_a_link_in_it_is_refused(digits, planned, cnntrain, name):
    outside = planned.parent / "outside"
    if (planned / name).exists():
        (planned / name).rename(outside)
    else:
        outside.write_text("mine")
    (planned / name).symlink_to(outside)
    before = all_digests(planned.parent)
    for given in ((*SHORT, "--resume"), ("--collect", planned)):
        done = cnntrain("lr-sweep", digits, *given)
        assert done.code == 4
        assert (
            f"{name} is a symbolic link" in done.err or f"cannot read {planned / name}" in done.err
        )
    assert all_digests(planned.parent) == before


def test_a_range_test_replaces_its_own_curve(digits, cnntrain):
    given = ("--range-test", "--steps", "12", "--from", "1e-3", "--to", "0.3", "--run", "r")
    first = cnntrain("lr-sweep", digits, *given)
    curve = Path("r/range.csv").read_text()
    assert (cnntrain("lr-sweep", digits, *given), Path("r/range.csv").read_text()) == (first, curve)
