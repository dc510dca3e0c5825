"""A crash or an error at the N-th call of each kind that writes, for N = 1, 2, ..."""

import signal
import subprocess

import pytest

from .strace import inject

pytestmark = pytest.mark.system
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)


@pytest.fixture
def outcomes(lab, cut):
    """`outcomes(call, fault, step, path)`: a run, and what it said, for every `step`-th of the
    calls (on `path`) that meets the fault, until a run goes by untouched.  Runs are new; only a
    resumed one calls ftruncate."""

    def run_each(call, fault, step, path=None):
        for number in range(1, 400, step):
            run = f"run-{number}"
            if call == "ftruncate":
                subprocess.run(["cp", "-a", cut, lab.folder / run], check=True)
            where = None if path is None else lab.folder / run / path
            done = lab.run([*inject(call, fault, number, where), *lab.command(run)])
            assert done.returncode != 0 or number > 1, "no call has met the fault"
            yield run, done
            if done.returncode == 0:
                return
        raise AssertionError("more calls than were tried")

    return run_each


@pytest.mark.parametrize(
    ("call", "step"), [("fsync", 9), ("rename", 5), ("unlink", 6), ("link", 4), ("ftruncate", 1)]
)
def test_killed_at_a_call(lab, tally, outcomes, call, step):
    for run, done in outcomes(call, "signal=KILL", step):
        assert done.returncode in (0, *KILLED)
        tally["kills at a system call"] += done.returncode != 0
        lab.finish(run)


@pytest.mark.parametrize(
    ("call", "error", "text", "step"),
    [
        ("fsync", "EIO", "Input/output error", 13),
        ("fsync", "ENOSPC", "No space left on device", 17),
        ("rename", "EDQUOT", "Disk quota exceeded", 11),
        ("ftruncate", "EIO", "Input/output error", 1),
        ("unlink", "EIO", "Input/output error", 7),
    ],
)
def test_an_error_of_a_call_is_exit_5_and_nothing_is_lost(
    lab, tally, outcomes, call, error, text, step
):
    for run, done in outcomes(call, f"error={error}", step):
        if done.returncode != 0:
            assert done.returncode == 5, done.stderr
            assert done.stderr.startswith("cnntrain: error: cannot ")
            assert text in done.stderr
            assert done.stderr.count("\n") == 1
        tally["errors at a system call"] += done.returncode != 0
        lab.finish(run)


@pytest.mark.parametrize(
    "path", ["metrics.csv", "events.jsonl", "timings.csv", "steps.csv", "layers.csv"]
)
@pytest.mark.parametrize("fault", ["error=ENOSPC", "signal=KILL"])
def test_a_line_that_cannot_be_written(lab, tally, outcomes, path, fault):
    for run, done in outcomes("write", fault, 4, path):
        if fault.startswith("error") and done.returncode != 0:
            assert done.returncode == 5
            assert f"cannot write {run}/{path}: No space left on device" in done.stderr
        kind = "errors at a system call" if "error" in fault else "kills at a system call"
        tally[kind] += done.returncode != 0
        lab.finish(run)


def test_a_link_that_cannot_be_made_is_a_copy(lab):
    """As on file systems that know no hard links."""
    done = lab.run([*inject("link", "error=EPERM", "1+"), *lab.command("run")])
    assert done.returncode == 0, done.stderr
    lab.finish()


@pytest.mark.parametrize("error", ["EIO", "EACCES"])
@pytest.mark.parametrize(
    "path", ["metrics.csv", "events.jsonl", "timings.csv", "checkpoints", "control", "summary.json"]
)
def test_what_cannot_be_opened_is_never_taken_for_missing(stopped, tally, path, error):
    """At the first and at a later time of a resume."""
    for number in (1, 3):
        where = stopped.folder / "run" / path
        command = [*inject("openat", f"error={error}", number, where), *stopped.command("run")]
        done = stopped.run(command)
        assert done.returncode in (0, 4, 5), done.stderr
        assert (done.returncode == 0) or (done.stderr.count("\n") == 1), done.stderr
        tally["errors at a system call"] += done.returncode != 0
    stopped.finish()
