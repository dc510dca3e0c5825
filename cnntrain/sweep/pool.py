"""Trials as processes of their own, several at a time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")

PAUSE = 0.02  # seconds between two looks at the processes
GRACE = 0.7  # seconds that they have to end when the sweep does


def run_all(
    commands: Iterable[tuple[Item, list[str]]],
    jobs: int,
    ended: Callable[[Item, int, str], None],
) -> None:
    """Run every command, at most `jobs` at a time, in their order.

    ended   is called with the item, the exit code and the last line on standard error

    However this function ends, none of the processes is left: a trial that is cut off has saved
    its state, or is resumed from its last checkpoint.
    """
    waiting = iter(commands)
    running: list[tuple[Item, subprocess.Popen[str]]] = []
    try:
        while True:
            while len(running) < jobs and (entry := next(waiting, None)) is not None:
                item, command = entry
                running.append((item, _start(command)))
            if not running:
                return
            for item, process in [*running]:
                if process.poll() is not None:
                    running.remove((item, process))
                    lines = (process.communicate()[1] or "").splitlines()
                    ended(item, process.returncode, lines[-1] if lines else "")
            time.sleep(PAUSE)
    finally:
        _end(process for _, process in running)


def _start(command: list[str]) -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C reaches the sweep alone, which ends its trials in order."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )


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
