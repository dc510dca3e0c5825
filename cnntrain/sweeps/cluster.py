"""The trials on a Dask cluster: the same runs, on other machines.

A worker needs cnntrain, and the data at the same paths.  A worker that sees the sweep's directory
trains there; any other trains in a temporary directory, whose files come back with the answer.  A
trial whose worker dies goes to another worker, which resumes it if it sees its checkpoints.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from cnntrain.errors import CheckpointError, LockedError, StorageError, UsageError
from cnntrain.files import read_bytes, read_text
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.summary import Summary
from cnntrain.storage import disk, durable
from cnntrain.sweeps.executor import (
    PROGRAM,
    WAIT,
    Answer,
    Ended,
    Executor,
    Note,
    Task,
    answer_of,
    check_jobs,
    local,
)
from cnntrain.text import argument, printable

NOT_SENT = {".lock", ".lock.json"}


@dataclass(frozen=True)
class Sent:
    """What a worker receives: the task, the text of its config, and the path of a token: a file
    that the worker sees if it shares the sweep's disk, and that exists as long as the sweep."""

    task: Task
    config: str
    token: Path


def executor(jobs: int | None, scheduler: str | None) -> Executor:
    """Run trials on the Dask cluster at `scheduler`, or without one here, `jobs` at a time.

    Raises UsageError for both, or for fewer than one job.
    """
    if scheduler is None:
        return local(check_jobs(jobs))
    if jobs is not None:
        raise UsageError("jobs cannot be combined with scheduler: the cluster decides")
    return cluster(scheduler)


def cluster(address: str) -> Executor:
    """The workers of the Dask scheduler at `address`."""

    def run(tasks: Sequence[Task], ended: Ended, note: Note) -> None:
        run_on_cluster(address, tasks, ended, note)

    return run


def run_on_cluster(address: str, tasks: Sequence[Task], ended: Ended, note: Note) -> None:
    """Send the tasks of one sweep to the scheduler at `address`.

    If this function is interrupted, the running trials save their state and end where the worker
    sees the sweep's directory; elsewhere they run to their end, and are lost.
    Raises UsageError without Dask, StorageError where no scheduler answers.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise UsageError(
            f"{argument('scheduler')} needs Dask (pip install 'cnntrain[dask]')"
        ) from None
    token = _real(tasks[0].config).with_name(f"{durable.TEMPORARY}{secrets.token_hex(8)}")
    config = read_text(tasks[0].config)
    try:
        client = dask.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        place = printable(address)
        raise StorageError(f"no scheduler answers at {place}: {printable(error)}") from None
    try:
        if not client.scheduler_info()["workers"]:
            note(f"{printable(address)} has no workers yet: waiting for one")
        durable.write(token, b"")
        futures = {}
        for task in tasks:
            there = replace(
                task,
                config=_real(task.config),
                run=_real(task.run),
            )
            sent = Sent(there, config, token)
            futures[client.submit(work, sent, key=f"{task.name}-{token.name}")] = task
        for future in dask.as_completed(list(futures)):
            task, failure = futures[future], future.exception()
            answer = future.result() if failure is None else _lost(failure)
            if answer.files is not None:
                try:
                    write_files(task.run, answer.files)
                except CheckpointError as error:
                    answer = Answer(error.exit_code, str(error))
            ended(task.name, answer)
    finally:
        disk.remove(token)
        client.close()


def _lost(failure: BaseException) -> Answer:
    """The answer of a trial that no worker brought to an end."""
    return Answer(StorageError.exit_code, f"no worker could run it: {printable(failure, 200)}")


def work(sent: Sent) -> Answer:
    """Run a trial, on the machine of the worker."""
    if sent.token.exists():
        return _fit(sent.task, sent.token)
    with tempfile.TemporaryDirectory() as folder:
        config, run = Path(folder) / "config.yaml", Path(folder) / "run"
        durable.write(config, sent.config.encode())
        answer = _fit(replace(sent.task, config=config, run=run), config)
        files = {
            str(path.relative_to(run)): read_bytes(path, links=False, largest=durable.NO_LIMIT)
            for path in sorted(run.rglob("*"))
            if path.is_file() and path.name not in NOT_SENT
        }
        return replace(answer, files=files)


def _fit(task: Task, token: Path) -> Answer:
    """Run an ordinary `fit` as long as `token` exists, if need be after the one that a dead worker
    left behind."""
    while True:
        process = subprocess.Popen(
            [*PROGRAM, *task.arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        while True:
            try:
                _, error = process.communicate(timeout=WAIT)
                break
            except subprocess.TimeoutExpired:
                if not token.exists():
                    process.terminate()
        if process.returncode != LockedError.exit_code or not token.exists():
            return answer_of(process.returncode, error)
        time.sleep(WAIT)


def write_files(run: Path, files: dict[str, bytes]) -> None:
    """Write the files of a run that a worker sent, by their path in the run directory.

    Raises StorageError for a path that leads out of it, CheckpointError for a summary that is none.
    """
    for name, content in sorted(files.items()):
        path = run / name
        if not _real(path).is_relative_to(_real(run)):
            raise StorageError(f"a worker sent a file called {printable(name)}")
        if name == "summary.json":  # it names the directory where the run is now
            try:
                summary = Summary.parse(content)
            except ValueError as error:
                reason = printable(error, 200)
                raise CheckpointError(f"a worker sent a damaged summary.json: {reason}") from None
            RunDirectory(run).write_summary(summary.moved_to(run))
            continue
        disk.make_folder(path.parent)
        durable.write(path, content)


def _real(path: Path) -> Path:
    """The path without links; a loop of them stays as it is."""
    return Path(os.path.realpath(path))
