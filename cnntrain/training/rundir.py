"""A run directory: the files that a run leaves, and who may write them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from cnntrain.errors import LockedError, StorageError
from cnntrain.text import printable
from cnntrain.training import durable
from cnntrain.training.metrics import METRICS, TIMINGS, Row, Timing, csv_line


class RunDirectory:
    """The files of one run, at `path`.

    Use `claim` to write: it takes the lock.  Reading needs none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.summary = path / "summary.json"
        self.metrics = path / "metrics.csv"
        self.timings = path / "timings.csv"
        self.events = path / "events.jsonl"
        self.checkpoints = path / "checkpoints"
        self.best = self.checkpoints / "best.safetensors"
        self.last = self.checkpoints / "last.safetensors"

    @classmethod
    @contextlib.contextmanager
    def claim(cls, path: Path) -> Iterator[RunDirectory]:
        """The directory, made if need be, with this process its only writer.

        Raises LockedError where another process is, StorageError where it cannot be made.
        A directory that this call made and in which no run began is removed again.
        """
        try:
            new = not path.exists()
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot make the run directory {printable(path, 400)}: {error.strerror}"
            ) from error
        directory, lock = cls(path), FileLock(path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise LockedError(directory._holder()) from None
        except OSError as error:
            raise StorageError(f"cannot lock {printable(path, 400)}: {error.strerror}") from error
        try:
            holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": now()}
            durable.write(path / ".lock.json", json.dumps(holder).encode())
            yield directory
        finally:
            with contextlib.suppress(OSError):
                (path / ".lock.json").unlink(missing_ok=True)
                if new and not directory.holds_run():
                    (path / ".lock").unlink()
                    path.rmdir()
            lock.release()

    def holds_run(self) -> bool:
        """Whether a run has begun here."""
        return self.config.exists()

    def begin(self, config: str, provenance: Mapping[str, Any], split: Mapping[str, Any]) -> None:
        """Write what is known before the first step; config.yaml, the mark of a run, last."""
        try:
            self.checkpoints.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot make {printable(self.checkpoints, 400)}: {error.strerror}"
            ) from error
        durable.write(self.path / "run.json", _json(provenance))
        durable.write(self.path / "split.npz", _npz(split))
        durable.write(self.metrics, f"{METRICS}\n".encode())
        durable.write(self.timings, f"{TIMINGS}\n".encode())
        durable.write(self.config, config.encode())

    def add_row(self, row: Row) -> None:
        """Append an epoch to metrics.csv and wait until it is on the disk."""
        durable.append(self.metrics, csv_line(row), sync=True)

    def add_timing(self, timing: Timing) -> None:
        """Append an epoch to timings.csv."""
        durable.append(self.timings, csv_line(timing))

    def add_event(self, event: str, **details: Any) -> None:
        """Append to events.jsonl what has just happened."""
        line = json.dumps({"time": now(), "event": event, **details}, allow_nan=False)
        durable.append(self.events, line, sync=True)

    def save_checkpoint(self, data: bytes, epoch: int, best: int, keep: int) -> None:
        """Write the checkpoint of `epoch`, point last and best at theirs, and drop those that
        are neither among the `keep` newest nor the best."""
        durable.write(self.epoch_checkpoint(epoch), data)
        durable.link(self.last, self.epoch_checkpoint(epoch))
        if best == epoch:
            durable.link(self.best, self.epoch_checkpoint(epoch))
        kept = {self.epoch_checkpoint(number) for number in (best, *range(epoch, epoch - keep, -1))}
        for path in sorted(self.checkpoints.glob("epoch-*.safetensors")):
            if path not in kept:
                path.unlink(missing_ok=True)

    def epoch_checkpoint(self, epoch: int) -> Path:
        """Where the checkpoint of `epoch` lies."""
        return self.checkpoints / f"epoch-{epoch:04d}.safetensors"

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Replace summary.json."""
        durable.write(self.summary, _json(summary))

    def _holder(self) -> str:
        place = printable(self.path, 400)
        try:
            holder = json.loads((self.path / ".lock.json").read_text())
            who = "process {pid} on {host} since {since}".format(**holder)
        except (OSError, ValueError, KeyError, TypeError):
            who = "another process"
        return f"the run directory {place} is in use by {printable(who, 200)}"


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
