"""The order of writes, syncs and renames: what a power cut sees, and a kill does not."""

import pytest

from .strace import Call, calls, watch

pytestmark = pytest.mark.system
APPENDED = {"metrics.csv", "timings.csv", "steps.csv", "layers.csv", "events.jsonl"}


def folder(path):
    return path.rpartition("/")[0] or "."


def violations(found):
    """What in a sequence of calls would let a power cut leave a mixture of old and new.

    1. A file is written under a temporary name, synced, and then renamed.
    2. After a rename its folder is synced before anything else is renamed or removed.
    3. A row of metrics.csv is synced before the next checkpoint gets its name.
    """
    unsynced, renamed, wrong = set(), set(), []
    for call in found:
        *_, path = call.paths
        if call.name in {"write", "pwrite64", "ftruncate"}:
            unsynced.add(path)
            known = path in APPENDED or path.startswith((".lock", ".progress"))
            if not known and not path.rpartition("/")[2].startswith(".tmp-"):
                wrong.append(f"{path} is written in place")
        elif call.name in {"fsync", "fdatasync"}:
            unsynced.discard(path)
            renamed.discard(path)
        elif call.name == "unlink" and path.rpartition("/")[2].startswith(".tmp-"):
            unsynced.discard(path)
        elif call.name in {"rename", "unlink"}:
            if call.name == "rename" and call.paths[0] in unsynced:
                wrong.append(f"{path} is renamed before it is synced")
            if renamed - {folder(path)} or (renamed and call.name == "unlink"):
                wrong.append(f"{path}: {call.name} before the folder of a rename is synced")
            if path.startswith("checkpoints/") and "metrics.csv" in unsynced:
                wrong.append(f"{path} is there before its row of metrics.csv")
            if call.name == "rename":
                renamed.add(folder(path))
    return wrong + [f"the folder {path} is never synced" for path in sorted(renamed)]


@pytest.mark.parametrize(
    ("sequence", "problem"),
    [
        ("write .tmp-1, fsync .tmp-1, rename .tmp-1 a, fsync .", None),
        ("write .tmp-1, rename .tmp-1 a, fsync .", "a is renamed before it is synced"),
        ("write .tmp-1, fsync .tmp-1, rename .tmp-1 a", "the folder . is never synced"),
        ("write a", "a is written in place"),
        ("write metrics.csv, rename .tmp-1 checkpoints/a, fsync checkpoints", "before its row"),
        ("rename .tmp-1 a, unlink b, fsync .", "b: unlink before the folder"),
    ],
)
def test_the_checker_sees_what_is_wrong(sequence, problem):
    words = [call.split() for call in sequence.split(", ")]
    wrong = violations([Call(name, tuple(paths)) for name, *paths in words])
    assert (problem is None) == (not wrong)
    assert problem is None or problem in wrong[0]


def traced(lab, run="run"):
    log = lab.folder / "strace.log"
    done = lab.run([*watch(log), *lab.command(run)])
    assert done.returncode == 0, done.stderr
    return calls(log, lab.folder / run)


def test_a_run_keeps_to_the_protocol(lab):
    found = traced(lab)
    names = {call.name for call in found}
    assert {"write", "fsync", "rename", "unlink"} <= names
    assert len([call for call in found if call.paths[-1] == "metrics.csv"]) > 6
    assert violations(found) == []
