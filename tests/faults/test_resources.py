"""Broken outputs, few descriptors, little memory."""

import json
import os
import pty
import resource
import subprocess

import pytest

from .conftest import CNNTRAIN, recorded

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "redirection",
    [">&-", "2>&-", ">&- 2>&- <&-", "> /dev/full", "2> /dev/full", "| head -c 1", "2>&1 | true"],
)
def test_broken_outputs_never_stop_training(lab, redirection):
    words = " ".join(part for part in lab.command("run") if part != "--quiet")
    lab.run(["bash", "-c", f"{words} {redirection}"])
    assert recorded(lab.folder / "run") == lab.reference


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("once_there", [".", "run/config.yaml", "run/metrics.csv"])
def test_a_terminal_that_vanishes_never_stops_training(lab, wait_for, once_there, unbuffered):
    """Its end is closed before the bar is drawn, or meanwhile; SIGHUP and failing writes follow."""
    controller, terminal = pty.openpty()
    words = [part for part in lab.command("run") if part != "--quiet"]
    process = subprocess.Popen(
        [*words, "--set", "epochs=6"], cwd=lab.folder,
        env={**lab.environment, "PYTHONUNBUFFERED": unbuffered},
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    wait_for((lab.folder / once_there).exists, process)
    os.close(controller)
    assert process.wait(timeout=60) == 0
    assert recorded(lab.folder / "run") == lab.reference


def with_limit(kind, value):
    def limit():
        resource.setrlimit(kind, (value, value))

    return limit


@pytest.mark.parametrize("count", [4, 6, 8, 12, 16])
def test_few_file_descriptors(lab, tally, count):
    """Either it can do with them, or it says what is lacking; a resume with more goes on."""
    done = lab.run(lab.command("run"), preexec_fn=with_limit(resource.RLIMIT_NOFILE, count))
    tally["runs short of resources"] += 1
    if count >= 12:
        assert done.returncode == 0, done.stderr
    lab.finish()


@pytest.mark.parametrize("mebibytes", [*range(90, 250, 20), 400])
def test_little_memory(lab, tally, mebibytes):
    """Libraries that get none end the process on their own, which no command comes to."""
    size = mebibytes * 2**20
    done = lab.run(lab.command("run"), preexec_fn=with_limit(resource.RLIMIT_AS, size))
    tally["runs short of resources"] += 1
    assert done.returncode in (0, 5), done.stderr
    if done.returncode == 5:
        assert done.stderr.splitlines()[-1].startswith("cnntrain: error: not enough memory")
    assert "Traceback" not in done.stderr
    assert "OpenBLAS" not in done.stderr
    lab.finish()


@pytest.mark.parametrize("command", [["--help"], ["fit", "--help"]])
def test_help_needs_little_memory(lab, command):
    limit = with_limit(resource.RLIMIT_AS, 60 * 2**20)
    assert lab.run([*CNNTRAIN, *command], preexec_fn=limit).returncode == 0


def test_memory_that_does_not_suffice_for_the_network_is_exit_5(lab):
    layers = (
        "[{type: flatten}, {type: dense, units: 200000}, {type: dense, units: 10}, {type: softmax}]"
    )
    command = [
        *CNNTRAIN,
        "fit",
        "fault.yaml",
        "--run",
        "big",
        "--quiet",
        "--set",
        f"layers={layers}",
    ]
    done = lab.run(command, preexec_fn=with_limit(resource.RLIMIT_AS, 700 * 2**20))
    assert done.returncode == 5, done.stderr
    assert done.stderr.splitlines()[-1].startswith("cnntrain: error: not enough memory")
    assert "Traceback" not in done.stderr


@pytest.mark.system
@pytest.mark.parametrize("limit", ["--nproc=1", "--as=209715200"])
def test_threads_that_cannot_be_started_are_exit_5(lab, limit):
    """Limits on processes are none for root."""
    lab.folder.chmod(0o777)
    someone = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    done = lab.run(["prlimit", limit, *someone, *lab.command("run")])
    assert done.returncode == 5, done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_that_memory_ends_says_so(lab):
    """In summary.json as by its exit code: the first chunk has too large activations."""
    options = ["batch_size=full", "compute.chunk=10000", "layers.conv1.filters=8000"]
    command = lab.command("run", *(part for option in options for part in ("--set", option)))
    done = lab.run(command, preexec_fn=with_limit(resource.RLIMIT_AS, 900 * 2**20))
    assert done.returncode == 5, done.stderr
    summary = json.loads((lab.folder / "run/summary.json").read_text())
    assert (summary["status"], summary["exit_code"]) == ("failed", 5)
    assert summary["stop_reason"].startswith("not enough memory")
