"""Trials as processes of their own, several at a time."""

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

from cnntrain.errors import LockedError, StorageError
from cnntrain.training.signals import SAVING, Signals

PROGRAM = (sys.executable, "-m", "cnntrain")
PAUSE = 0.02  # seconds between two looks at the processes
WAIT = 0.5  # seconds between two tries where a run is still in use
GRACE = 0.7  # seconds that processes have to end when the sweep does


@dataclass(frozen=True)
class Task:
    """One trial to run: its name, the file of the config, the run directory, and the options that
    change the config."""

    name: str
    config: Path
    run: Path
    options: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        """Those of the ordinary `cnntrain fit` that runs it."""
        run = ["--run", str(self.run), "--resume", "--quiet"]
        return ["fit", str(self.config), *run, *self.options]


@dataclass(frozen=True)
class Answer:
    """How a trial ended: the exit code, what was said last, and the files of its run if they are
    not there yet."""

    code: int
    message: str
    files: dict[str, bytes] | None = None


Ended = Callable[[str, Answer], None]  # is told the name of a trial, and how it ended
Note = Callable[[str], None]  # is told something worth a line
Executor = Callable[[Sequence[Task], Ended, Note], None]


def local(jobs: int) -> Executor:
    """A pool of processes on this machine, `jobs` at a time."""

    def run(tasks: Sequence[Task], ended: Ended, note: Note) -> None:
        run_all([(task.name, [*PROGRAM, *task.arguments]) for task in tasks], jobs, ended, note)

    return run


def run_all(commands: Iterable[tuple[str, list[str]]], jobs: int, ended: Ended, note: Note) -> None:
    """Run every command, at most `jobs` at a time, in their order.

    One whose run is in use, as that of a sweep that was killed may be, is tried again.  SIGHUP
    and SIGUSR1 are passed on; SIGINT and SIGTERM wait until no process is just being started.
    However this function ends, none of the processes is left: a trial that is cut off has saved
    its state, or is resumed from its last checkpoint.
    """
    waiting = deque(commands)
    running: list[tuple[str, list[str], subprocess.Popen[str]]] = []
    told: set[str] = set()
    rest = 0.0  # the time until which nothing is started
    with Signals() as signals, signals.put_off():
        try:
            while waiting or running:
                signals.act()
                while waiting and len(running) < jobs and time.monotonic() >= rest:
                    name, command = waiting.popleft()
                    running.append((name, command, _start(command)))
                if (asked := signals.take_save()) is not None:
                    for _, _, process in running:
                        process.send_signal(signal.Signals[asked])
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
                    rest = time.monotonic() + WAIT
                    if name not in told:
                        note(f"{name}: {answer.message} (waiting for it)")
                        told.add(name)
                time.sleep(PAUSE)
        finally:
            _end(process for _, _, process in running)


def answer_of(code: int, error: str) -> Answer:
    """What an exit code and standard error come to.  Death by a signal, such as the kernel's where
    memory ends, is a StorageError: the trial can be resumed."""
    if code < 0:
        why = " (out of memory?)" if -code == signal.SIGKILL else ""
        name = signal.Signals(-code).name
        return Answer(StorageError.exit_code, f"killed by {name}{why}; --resume takes it up again")
    lines = error.splitlines()
    message = lines[-1].removeprefix("cnntrain: error: ") if lines else f"exit code {code}"
    return Answer(code, message)


def _start(command: list[str]) -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C reaches the sweep alone, which ends its trials in order.
    What asks for a checkpoint waits until the trial can write one."""
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
    """While entered, signals wait; a process that is started then goes on to hold them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(processes: Iterable[subprocess.Popen[str]]) -> None:
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
