"""The files of a sweep, damaged in every way: a documented exit code, one line, nothing changed."""

import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from trials_here import trials_here

from cnntrain.errors import CheckpointError
from cnntrain.sweeps.cluster import write_files

from ..conftest import DIGITS
from ..run_files import all_digests

DEEP = "[" * 100_000
VALUES = [None, True, -1, 1.5, 10**400, "x", "", [], {}, [[]], [None], {"a": 1}, ["x"], [0, 0]]
BYTES = [b"", b"\xff\xfe\x00", b"[", b"[]", b"null", b"NaN", DEEP.encode(), b"0" * 10_000, b"{}"]
FILES = ["plan.json", "config.yaml", "sweep.json", "sweep.csv"]
GIVEN = ("--rates", "0.005,0.05", "--epochs", "1", "--seeds", "1")
DERIVED = {"sweep.json", "sweep.csv"}  # written anew


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sweep that came to its end."""
    import cnntrain

    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.yaml").write_text(DIGITS)
    config = cnntrain.load_config(folder / "small.yaml")
    with trials_here():
        cnntrain.lr_sweep(config, rates=[0.005, 0.05], epochs=1, seeds=1, run=folder / "s")
    return folder


@pytest.fixture
def sweep(whole, tmp_path, monkeypatch):
    """`sweep()`: a copy of it in the working directory, to be damaged."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(whole / "small.yaml", tmp_path)

    def copy():
        shutil.rmtree("s", ignore_errors=True)
        shutil.copytree(whole / "s", "s")
        return Path("s")

    return copy


def check(cnntrain, derived=False):
    """Every command that reads a sweep, on the one in `s`."""
    codes = Counter()
    for command in (
        ("lr-sweep", "small.yaml", *GIVEN, "--run", "s", "--resume", "--quiet"),
        ("lr-sweep", "small.yaml", "--collect", "s"),
        ("sweep", "small.yaml", "--collect", "s"),
        ("compare", "s"),
    ):
        before = all_digests(Path("s"))
        done = cnntrain(*command)
        where = f"{' '.join(command)}: {done}"
        if command[0] == "compare":
            assert done.code == 10, where
            assert done.err.splitlines()[1:] == [
                "cnntrain: error: none of these is a run directory"
            ], where
        elif done.code != 0:
            assert done.code in {2, 4, 5, 10}, where
            assert done.err.startswith("cnntrain: error: "), where
            assert len(done.err.splitlines()) == 1, where
            assert all_digests(Path("s")) == before, where
        else:
            assert derived, where
        codes[done.code] += 1
    return codes


@pytest.mark.parametrize("name", FILES)
def test_files_of_other_contents(sweep, cnntrain, name):
    for content in BYTES:
        (sweep() / name).write_bytes(content)
        check(cnntrain, derived=name in DERIVED)


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_none(sweep, cnntrain, name):
    for change in (
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: os.mkfifo(path),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to("../small.yaml"),
    ):
        path = sweep() / name
        path.unlink()
        change(path)
        absent = not (path.exists() or path.is_symlink())
        codes = check(cnntrain, derived=absent and name in DERIVED)
        assert absent or set(codes) == {4, 10}  # no file is read through a link


@pytest.mark.parametrize(
    "key", ["over", "seeds", "fixed", "learning_rate.initial", "epochs", "new"]
)
def test_fields_of_a_plan(sweep, cnntrain, key):
    plan = json.loads((sweep() / "plan.json").read_text())
    sections = {"learning_rate.initial": plan["over"], "epochs": plan["fixed"]}
    section = sections.get(key, plan)
    right = section.get(key)
    for value in [*VALUES, "absent", float("nan"), float("inf"), [float("nan")], "deep"]:
        section.pop(key, None)
        if value != "absent":
            section[key] = value
        elif right is None:
            continue
        text = json.dumps(plan).replace('"deep"', DEEP[:900] + "]" * 900)
        (sweep() / "plan.json").write_text(text)
        check(cnntrain)
        section[key] = right


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"{}", DEEP.encode()])
def test_what_a_worker_of_a_cluster_sends(tmp_path, content):
    with pytest.raises(CheckpointError, match="a worker sent a damaged summary.json"):
        write_files(tmp_path / "run", {"summary.json": content})
