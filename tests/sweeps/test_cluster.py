"""Trials on a real Dask cluster: a scheduler and two workers on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnntrain.errors import StorageError
from cnntrain.sweeps.cluster import write_files

from .conftest import SHORT


@pytest.fixture
def cluster(tmp_path_factory, wait_for):
    """`cluster()`: the address of a scheduler, and `join()`, which starts a worker process."""
    started = []

    def start():
        home = tmp_path_factory.mktemp("scheduler")
        file = home / "scheduler.json"
        options = ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        scheduler = launch(["scheduler", "--host", "127.0.0.1", *options], home)
        wait_for(lambda: file.exists() and file.read_text().rstrip().endswith("}"), scheduler)
        address = json.loads(file.read_text())["address"]
        quiet = ["--no-dashboard", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1"]

        def join():
            return launch(["worker", address, *quiet], tmp_path_factory.mktemp("worker"))

        return address, join

    def launch(words, folder):
        log = (folder / "log").open("wb")
        command = [sys.executable, "-m", "dask", *words]
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def local(swept_once):
    """The files of the same sweep without a cluster."""
    return swept_once


def same(one, other):
    rows = [(folder / "sweep.csv").read_text().splitlines() for folder in (one, other)]
    without_times = [[re.sub(r"[^,]*$", "", line) for line in lines] for lines in rows]
    assert without_times[0] == without_times[1]
    assert (one / "sweep.json").read_bytes() == (other / "sweep.json").read_bytes()


def sweep(digits, address, *options):
    command = [sys.executable, "-m", "cnntrain", "lr-sweep", str(digits), *SHORT]
    return [*command, "--scheduler", address, *options]


@pytest.mark.slow
def test_the_same_files_come_out_though_a_worker_dies(digits, local, cluster, wait_for):
    """It is killed while it has a trial."""
    address, join = cluster()
    workers = [join() for _ in range(2)]
    process = subprocess.Popen(sweep(digits, address, "--run", "far"))
    trials = digits.parent / "far" / "trials"

    def busy():
        holders = [json.loads(path.read_text()) for path in trials.glob("*/.lock.json")]
        parents = {int(stat(holder["pid"])[3]) for holder in holders}
        return workers[0].pid in parents

    wait_for(lambda: _quietly(busy), process)
    os.kill(workers[0].pid, signal.SIGKILL)
    assert process.wait(120) == 0
    same(digits.parent / "far", local)
    assert not [path for path in (digits.parent / "far").iterdir() if path.name.startswith(".tmp")]


def stat(pid):
    """The fields of a process in /proc; the fourth is its parent."""
    return Path(f"/proc/{pid}/stat").read_text().split()


def _quietly(condition):
    try:
        return condition()
    except (OSError, ValueError, KeyError):  # files and processes come and go
        return False


@pytest.mark.slow
def test_without_shared_storage_the_files_come_back(digits, local, cluster):
    """The worker's token for the sweep's directory is not there: it lives in another root."""
    address, join = cluster()
    join()
    code = (
        "import sys\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from cnntrain.sweeps import cluster\n"
        "right = cluster.Sent\n"
        "def sent(task, config, token):\n"
        "    task = replace(task, config=Path('/nowhere/config'), run=Path('/nowhere/run'))\n"
        "    return right(task, config, Path('/nowhere/token'))\n"
        "cluster.Sent = sent\n"
        "from cnntrain.cli.main import main\n"
        "sys.argv[0] = 'cnntrain'\n"
        "main()\n"
    )
    words = sweep(digits, address, "--run", "far")[3:]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    same(digits.parent / "far", local)
    run = "far/trials/rate-0.05-seed-1"
    summary = json.loads((digits.parent / run / "summary.json").read_text())
    assert summary["run"] == run
    best = "checkpoints/best.safetensors"
    assert (digits.parent / run / best).read_bytes() == (
        local / "trials/rate-0.05-seed-1" / best
    ).read_bytes()


@pytest.mark.slow
def test_an_interrupted_sweep_ends_what_its_workers_do(digits, cluster, wait_for):
    """They see its directory.  As long as there is no worker, it says that it waits."""
    address, join = cluster()
    long = ["--run", "far", "--set", "batch_size=1", "--epochs", "300"]
    command = [word for word in sweep(digits, address, *long) if word != "--quiet"]
    said = digits.parent / "said"
    with said.open("wb") as file:
        process = subprocess.Popen(command, stderr=file)
    wait_for(lambda: "has no workers yet: waiting for one" in said.read_text(), process)
    worker = join()
    trials = digits.parent / "far" / "trials"
    wait_for(lambda: list(trials.glob("*/checkpoints/epoch-*")), process)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    (trial,) = trials.iterdir()
    summary = trial / "summary.json"
    wait_for(lambda: json.loads(summary.read_text())["status"] == "interrupted", worker)


@pytest.mark.slow
def test_no_scheduler_is_exit_5(digits, cnntrain):
    done = cnntrain("lr-sweep", digits, *SHORT, "--scheduler", "tcp://127.0.0.1:1")
    assert done.code == 5
    assert "no scheduler answers at tcp://127.0.0.1:1" in done.err


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out"])
def test_a_worker_writes_nowhere_but_in_the_run_directory(tmp_path, name):
    with pytest.raises(StorageError, match="a worker sent a file called"):
        write_files(tmp_path / "run", {name: b"x"})
    assert not list(tmp_path.rglob("out"))
