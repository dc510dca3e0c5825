"""The trials as processes of their own, several at a time."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnntrain.errors import LockedError, StorageError, UsageError
from cnntrain.nn.execution.cpu import usable_cores
from cnntrain.text import argument
from cnntrain.training.signals import SAVING, Signals

PROGRAM = (sys.executable, "-m", "cnntrain")
PAUSE = 0.02  # seconds between two looks at the processes
WAIT = 0.5  # seconds before a run that is in use is tried again
GRACE = 0.7  # seconds that the processes have to end when the sweep does


@dataclass(frozen=True)
class Task:
    """A trial to run: its name, the config file, the run directory, and the options that change
    the config."""

    name: str
    config: Path
    run: Path
    options: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        """The arguments of the ordinary `cnntrain fit` that runs it."""
        run = ["--run", str(self.run), "--resume", "--quiet"]
        return ["fit", str(self.config), *run, *self.options]


@dataclass(frozen=True)
class Answer:
    """How a trial ended: the exit code, its last message, and the files of its run where they are
    still to be written."""

    code: int
    message: str
    files: dict[str, bytes] | None = None


Ended = Callable[[str, Answer], None]  # told the name of a trial, and how it ended
Note = Callable[[str], None]  # told something worth a line
Executor = Callable[[Sequence[Task], Ended, Note], None]  # runs tasks to their end


def check_jobs(jobs: int | None) -> int:
    """The number of trials at a time, by default one a usable core.  Raises UsageError."""
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} jobs, expected 1 or more")
    return jobs or usable_cores()


def local(jobs: int) -> Executor:
    """Processes on this machine, `jobs` at a time."""

    def run(tasks: Sequence[Task], ended: Ended, note: Note) -> None:
        run_all([(task.name, [*PROGRAM, *task.arguments]) for task in tasks], jobs, ended, note)

    return run


def run_all(commands: Iterable[tuple[str, list[str]]], jobs: int, ended: Ended, note: Note) -> None:
    """Run the commands in their order, at most `jobs` at a time.

    A run that is in use, such as one that a killed sweep left behind, is tried again later.
    SIGHUP and SIGUSR1 are passed on; SIGINT and SIGTERM wait until no process is being started.
    However this function ends, no process is left: a trial that is cut short has saved its state,
    or can be resumed from its last checkpoint.
    """
    waiting = deque(commands)
    running: list[tuple[str, list[str], subprocess.Popen[str]]] = []
    noted: set[str] = set()
    next_start = 0.0  # nothing is started before
    with Signals() as signals, signals.put_off():
        try:
            while waiting or running:
                signals.act()
                while waiting and len(running) < jobs and time.monotonic() >= next_start:
                    name, command = waiting.popleft()
                    running.append((name, command, _start(command)))
                if (number := signals.take_save()) is not None:
                    for _, _, process in running:
                        process.send_signal(signal.Signals[number])
                for entry in [*running]:
                    name, command, process = entry
                    if process.poll() is None:
                        continue
                    running.remove(entry)
                    answer = answer_of(process.returncode, process.communicate()[1])
                    if answer.code != LockedError.exit_code:
                        ended(name, answer)
                        continue
                    waiting.append((name, command))
                    next_start = time.monotonic() + WAIT
                    if name not in noted:
                        note(f"{name}: {answer.message} (waiting for it)")
                        noted.add(name)
                time.sleep(PAUSE)
        finally:
            _end(process for _, _, process in running)


def answer_of(code: int, error: str) -> Answer:
    """The answer of a process, from its exit code and standard error.

    Death by a signal, such as the kernel's when memory runs out, is a StorageError: the trial can
    be resumed.
    """
    if code < 0:
        why = " (out of memory?)" if -code == signal.SIGKILL else ""
        name = signal.Signals(-code).name
        return Answer(
            StorageError.exit_code, f"killed by {name}{why}; {argument('resume', True)} goes on"
        )
    lines = error.splitlines()
    message = lines[-1].removeprefix("cnntrain: error: ") if lines else f"exit code {code}"
    return Answer(code, message)


def _start(command: list[str]) -> subprocess.Popen[str]:
    """Start a process in a session of its own, so that Ctrl-C reaches the sweep alone, which then
    ends its trials.  A signal that asks for a checkpoint waits until the trial can write one."""
    with _held(SAVING):
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )


@contextlib.contextmanager
def _held(numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Hold signals back while entered; a process started meanwhile keeps holding them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(processes: Iterable[subprocess.Popen[str]]) -> None:
    """Terminate the processes, and kill those that do not end in time."""
    left = list(processes)
    for process in left:
        process.terminate()
    until = time.monotonic() + GRACE
    for process in left:
        try:
            process.communicate(timeout=max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
