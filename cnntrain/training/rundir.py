"""A run directory: the files that a run leaves, and who may write them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import CheckpointError, StorageError
from cnntrain.text import printable
from cnntrain.training import durable
from cnntrain.training.lock import locked, now
from cnntrain.training.metrics import Row, Step, Timing, columns, csv_line


class RunDirectory:
    """The files of one run, at `path`.

    Use `claim` to write: it takes the lock.  Reading needs none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.about = path / "run.json"
        self.summary = path / "summary.json"
        self.metrics = path / "metrics.csv"
        self.timings = path / "timings.csv"
        self.steps = path / "steps.csv"
        self.tables = {self.metrics: columns(Row, full=False), self.timings: columns(Timing)}
        self.events = path / "events.jsonl"
        self.checkpoints = path / "checkpoints"
        self.control = path / "control"
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
        directory = cls(path)
        try:
            with locked(path):
                durable.clear(path)
                durable.clear(directory.checkpoints)
                durable.mend(directory.events)
                try:
                    yield directory
                finally:
                    if new and not directory.holds_run():
                        with contextlib.suppress(OSError):
                            (path / ".lock").unlink()
        finally:
            if new:
                with contextlib.suppress(OSError):  # only an empty folder goes
                    path.rmdir()

    def choose_tables(self, full_metrics: bool, steps: bool) -> None:
        """Say which columns metrics.csv has, and whether there is a steps.csv."""
        self.tables[self.metrics] = columns(Row, full=full_metrics)
        if steps:
            self.tables[self.steps] = columns(Step)

    def holds_run(self) -> bool:
        """Whether a run has begun here."""
        return self.config.exists() and not self.holds_sweep()

    def holds_sweep(self) -> bool:
        """Whether this is the directory of a sweep, which has runs below it."""
        return (self.path / "plan.json").exists()

    def check_space(self, size: int, count: int) -> None:
        """Raise StorageError unless `count` files of `size` bytes can be written here: one is
        written on trial, for quotas and permissions."""
        free = shutil.disk_usage(self.path).free
        needed = size * max(count - len(self.saved_checkpoints()), 1)
        if free < needed:
            raise StorageError(
                f"{printable(self.path, 400)} has space for {free / 2**20:,.1f} MiB, the "
                f"checkpoints to keep need {needed / 2**20:,.1f} MiB (a smaller checkpoint.keep "
                "needs less)"
            )
        durable.probe(self.path, size)

    def begin(self, config: str, provenance: Mapping[str, Any], split: Mapping[str, Any]) -> None:
        """Write what is known before the first step; config.yaml, the mark of a run, last."""
        try:
            self.checkpoints.mkdir(exist_ok=True)
            self.control.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot make folders in {printable(self.path, 400)}: {error.strerror}"
            ) from error
        durable.write(self.about, _json(provenance))
        self._write_split(split)
        for path, names in self.tables.items():
            durable.write(path, f"{','.join(names)}\n".encode())
        durable.write(self.config, config.encode())

    def change(self, config: str, split: Mapping[str, Any]) -> None:
        """Settings have changed in the run: write them down."""
        self._write_split(split)
        durable.write(self.config, config.encode())

    def provenance(self) -> dict[str, Any]:
        """What run.json says; nothing where it cannot be read."""
        try:
            about = json.loads(self.about.read_text())
        except (OSError, ValueError):
            return {}
        return about if isinstance(about, dict) else {}

    def _write_split(self, split: Mapping[str, Any]) -> None:
        durable.write(self.path / "split.npz", _npz(split))

    def add_row(self, row: Row) -> None:
        """Append an epoch to metrics.csv and wait until it is on the disk."""
        durable.append(self.metrics, csv_line(row, self.tables[self.metrics]), sync=True)

    def add_timing(self, timing: Timing) -> None:
        """Append an epoch to timings.csv."""
        durable.append(self.timings, csv_line(timing, self.tables[self.timings]))

    def add_step(self, step: Step) -> None:
        """Append a step to steps.csv."""
        durable.append(self.steps, csv_line(step, self.tables[self.steps]))

    def add_event(self, event: str, **details: Any) -> None:
        """Append to events.jsonl what has just happened."""
        line = json.dumps({"time": now(), "event": event, **details}, allow_nan=False)
        durable.append(self.events, line, sync=True)

    def save_epoch(self, data: bytes, epoch: int, best: int, keep: int) -> None:
        """Write the checkpoint of `epoch`, point last and best at theirs, and drop those that
        are neither among the `keep` newest nor the best."""
        path = self._epoch_checkpoint(epoch)
        durable.write(path, data)
        self.name(path, epoch if best == epoch else 0)
        kept = {self._epoch_checkpoint(n) for n in (best, *range(epoch, epoch - keep, -1))}
        for path in self.saved_checkpoints():
            if path not in kept:
                path.unlink(missing_ok=True)

    def name(self, last: Path, best: int) -> None:
        """Let last.safetensors name the checkpoint at `last`, and best.safetensors that of epoch
        `best` where there is one: a better one, damaged since, may have taken its place."""
        durable.link(self.last, last)
        if best and self._epoch_checkpoint(best).exists():
            durable.link(self.best, self._epoch_checkpoint(best))

    def save_step(self, data: bytes, step: int) -> None:
        """Write a checkpoint in the middle of an epoch, and drop the one before it."""
        path = self.checkpoints / f"step-{step:08d}.safetensors"
        durable.write(path, data)
        durable.link(self.last, path)
        for old in self.checkpoints.glob("step-*.safetensors"):
            if old != path:
                old.unlink(missing_ok=True)

    def forget_after(self, kept: str | None) -> None:
        """Drop the checkpoints later than that of an epoch, called `kept`; None: all of them."""
        for path in self.saved_checkpoints():
            if kept is None or path.name.startswith("step-") or path.name > kept:
                path.unlink(missing_ok=True)
        if kept is None:
            self.best.unlink(missing_ok=True)
            self.last.unlink(missing_ok=True)

    def saved_checkpoints(self) -> list[Path]:
        """The checkpoints of epochs and steps, in the order of their names."""
        folder = self.checkpoints
        return sorted([*folder.glob("epoch-*.safetensors"), *folder.glob("step-*.safetensors")])

    def _epoch_checkpoint(self, epoch: int) -> Path:
        return self.checkpoints / f"epoch-{epoch:04d}.safetensors"

    def metrics_state(self) -> dict[str, Any]:
        """Length and SHA-256 of metrics.csv, for a checkpoint."""
        content = self.metrics.read_bytes()
        return {"bytes": len(content), "digest": hashlib.sha256(content).hexdigest()}

    def go_back(self, metrics: Mapping[str, Any], epoch: int, step: int) -> None:
        """Cut the tables to what they held at a checkpoint, after `epoch` epochs and `step` steps.

        Raises CheckpointError where metrics.csv is not what it was then.
        """
        try:
            content = self.metrics.read_bytes()[: metrics["bytes"]]
        except OSError as error:
            place = printable(self.metrics, 400)
            raise CheckpointError(f"cannot read {place}: {error.strerror}") from None
        if hashlib.sha256(content).hexdigest() != metrics["digest"]:
            raise CheckpointError(f"{printable(self.metrics, 400)} is not what the run wrote")
        durable.truncate(self.metrics, len(content))
        for path, last in ((self.timings, epoch), (self.steps, step)):
            if path.exists():
                head, *lines = path.read_text().splitlines()
                lines = [line for line in lines if _number(line) <= last]
                durable.write(path, "".join(f"{line}\n" for line in (head, *lines)).encode())

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Replace summary.json."""
        durable.write(self.summary, _json(summary))


def _number(line: str) -> float:
    """The number in the first column of a line; a torn line counts as beyond all others."""
    first, comma, _ = line.partition(",")
    return int(first) if comma and first.isdigit() else math.inf


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
