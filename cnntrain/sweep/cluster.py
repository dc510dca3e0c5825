"""Trials on a Dask cluster: the same runs, on other machines.

A worker needs cnntrain, and the data at the same paths.  Where it sees the sweep's directory it
trains there; where it does not, it trains in a directory of its own, whose files come back with
the result.  A trial whose worker dies is done again by another one: it takes the run up where the
last checkpoint left it, if that can be seen from there.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from cnntrain.errors import LockedError, StorageError, UsageError
from cnntrain.sweep.directory import SweepDirectory
from cnntrain.sweep.plan import Plan, Trial
from cnntrain.text import printable
from cnntrain.training import durable

WAIT = 0.5  # seconds between two tries where a run is still in use
LEFT_OUT = {".lock", ".lock.json"}


@dataclass(frozen=True)
class Task:
    """What a worker is told: the trial's run directory and settings, the text of the config, and a
    file that is there only if the worker sees the same disk."""

    run: str
    settings: list[str]
    config: str
    token: str


@dataclass(frozen=True)
class Answer:
    """Exit code and last message of a trial; the files of its run, if they are not there yet."""

    code: int
    said: str
    files: dict[str, bytes] | None = None


def run_on_cluster(
    address: str,
    directory: SweepDirectory,
    plan: Plan,
    trials: Sequence[Trial],
    ended: Callable[[Trial, int, str], None],
) -> None:
    """Send the trials to the scheduler at `address`; `ended` is called as in `pool.run_all`.

    Trials that are under way when this function is interrupted come to their end.
    Raises UsageError without Dask, StorageError where no scheduler answers.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise UsageError("--scheduler needs Dask (pip install 'cnntrain[dask]')") from None
    token = directory.path.resolve() / f"{durable.TEMPORARY}{secrets.token_hex(8)}"
    config = directory.config.read_text(encoding="utf-8")
    try:
        client = dask.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        place = printable(address)
        raise StorageError(f"no scheduler answers at {place}: {printable(error)}") from None
    try:
        durable.write(token, b"")
        futures = {}
        for trial in trials:
            run = str(directory.run(trial).resolve())
            task = Task(run, directory.settings(trial, plan), config, str(token))
            futures[client.submit(work, task, key=f"{trial.name}-{token.name}")] = trial
        for future in dask.as_completed(list(futures)):
            trial, failure = futures[future], future.exception()
            answer = future.result() if failure is None else Answer(-1, f"its worker: {failure}")
            if answer.files is not None:
                write_files(directory.run(trial), answer.files)
            ended(trial, answer.code, answer.said)
    finally:
        client.close()
        token.unlink(missing_ok=True)


def work(task: Task) -> Answer:
    """Run a trial on this machine."""
    if Path(task.token).exists():
        config = Path(task.run).parent.parent / "config.yaml"
        return _fit(config, Path(task.run), task.settings)
    with tempfile.TemporaryDirectory() as folder:
        config, run = Path(folder) / "config.yaml", Path(folder) / "run"
        config.write_text(task.config, encoding="utf-8")
        answer = _fit(config, run, task.settings)
        files = {
            str(path.relative_to(run)): path.read_bytes()
            for path in sorted(run.rglob("*"))
            if path.is_file() and path.name not in LEFT_OUT
        }
        return Answer(answer.code, answer.said, files)


def _fit(config: Path, run: Path, settings: Sequence[str]) -> Answer:
    """An ordinary `fit`; it waits for one that a dead worker has left behind."""
    program = [sys.executable, "-m", "cnntrain", "fit", str(config), "--run", str(run)]
    while True:
        done = subprocess.run(
            [*program, "--resume", "--quiet", *settings], capture_output=True, text=True
        )
        if done.returncode != LockedError.exit_code:
            lines = done.stderr.splitlines()
            return Answer(done.returncode, lines[-1] if lines else "")
        time.sleep(WAIT)


def write_files(run: Path, files: dict[str, bytes]) -> None:
    """Put the files of a run, which came from elsewhere, into its directory and nowhere else.

    Raises StorageError for a name that leads out of it.
    """
    for name, content in sorted(files.items()):
        path = run / name
        if not path.resolve().is_relative_to(run.resolve()):
            raise StorageError(f"a worker sent a file called {printable(name)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write(path, _here(content, run) if name == "summary.json" else content)


def _here(content: bytes, run: Path) -> bytes:
    """A summary that names the directory where the run is now."""
    summary: dict[str, Any] = {**json.loads(content), "run": str(run)}
    return (json.dumps(summary, indent=2) + "\n").encode()
