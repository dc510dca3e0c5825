"""A run directory: the files that a run leaves, and who may write them."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import CheckpointError, NotFoundError, StorageError
from cnntrain.runs import durable
from cnntrain.runs.checkpoint_names import BEST, LAST, epoch_name, number, step_name
from cnntrain.runs.clock import now
from cnntrain.runs.lock import locked
from cnntrain.runs.metrics import Row, StepRow, Timing, columns, csv_line
from cnntrain.runs.metrics_digest import recorded
from cnntrain.text import shown_path


class RunDirectory:
    """The files of one run, at `path`.

    Use `claim` to write: it takes the lock.  Reading needs none: use `find`.
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
        self.best = self.checkpoints / BEST
        self.last = self.checkpoints / LAST

    @classmethod
    def find(cls, path: Path) -> RunDirectory:
        """The directory of a run that is there.

        Raises NotFoundError where there is none, CheckpointError where one may not look.
        """
        directory = cls(path)
        try:
            there = directory.holds_run()
        except StorageError as error:
            raise CheckpointError(str(error)) from None
        if not there:
            raise NotFoundError(f"no run in {shown_path(path)}")
        return directory

    @classmethod
    @contextlib.contextmanager
    def claim(cls, path: Path) -> Iterator[RunDirectory]:
        """The directory, made if need be, with this process its only writer.

        Raises LockedError where another process is, StorageError where it cannot be made.
        A directory that this call made and in which no run began is removed again.
        """
        new = not durable.exists(path)
        durable.make_folder(path)
        directory = cls(path)
        try:
            with locked(path):
                for folder in (path, directory.checkpoints, directory.control):
                    durable.clear(folder)
                durable.mend(directory.events)
                try:
                    yield directory
                finally:
                    with contextlib.suppress(StorageError):
                        if new and not directory.holds_run():
                            durable.remove(path / ".lock")
        finally:
            if new:
                with contextlib.suppress(OSError):  # only an empty folder goes
                    path.rmdir()

    def choose_tables(self, full_metrics: bool, steps: bool) -> None:
        """Say which columns metrics.csv has, and whether there is a steps.csv."""
        self.tables[self.metrics] = columns(Row, full=full_metrics)
        if steps:
            self.tables[self.steps] = columns(StepRow)

    def holds_run(self) -> bool:
        """Whether a run has begun here, even if some of its files are lost."""
        begun = (
            durable.exists(self.config)
            or self.epochs_recorded() > 0
            or bool(self.saved_checkpoints())
        )
        return begun and not self.holds_sweep()

    def holds_sweep(self) -> bool:
        """Whether this is the directory of a sweep, which has runs below it."""
        return durable.exists(self.path / "plan.json")

    def epochs_recorded(self) -> int:
        """The number of whole rows in metrics.csv."""
        return max((durable.read(self.metrics) or b"").count(b"\n") - 1, 0)

    def check_space(self, size: int, count: int) -> None:
        """Raise StorageError unless `count` files of `size` bytes can be written here: one is
        written on trial, for quotas and permissions."""
        with durable.storage_errors(self.path, "read"):
            free = shutil.disk_usage(self.path).free
        saved = [path for path in self.saved_checkpoints() if number(path.name)]
        needed = size * max(count - len(saved), 1)
        if free < needed:
            raise StorageError(
                f"{shown_path(self.path)} has space for {free / 2**20:,.1f} MiB, the "
                f"checkpoints to keep need {needed / 2**20:,.1f} MiB (a smaller checkpoint.keep "
                "needs less)"
            )
        durable.probe(self.path, size)

    def begin(self, config: str, provenance: Mapping[str, Any], split: Mapping[str, Any]) -> None:
        """Write what is known before the first step; config.yaml, the mark of a run, last."""
        self.make_folders()
        durable.write(self.about, _json(provenance))
        self._write_split(split)
        for path, names in self.tables.items():
            durable.write(path, f"{','.join(names)}\n".encode())
        if not durable.exists(self.events):  # of an earlier start, steering by hand is kept
            durable.write(self.events, b"")
        durable.write(self.config, config.encode())

    def make_folders(self) -> None:
        """Make those of checkpoints and requests, which copies of a run may lack if empty."""
        durable.make_folder(self.checkpoints)
        durable.make_folder(self.control)

    def change(self, config: str, split: Mapping[str, Any]) -> None:
        """Settings have changed in the run: write them down."""
        self._write_split(split)
        durable.write(self.config, config.encode())

    def provenance(self) -> dict[str, Any]:
        """What run.json says; nothing where it cannot be read."""
        try:
            about = json.loads(self.about.read_text())
        except (OSError, ValueError, RecursionError):
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

    def add_step(self, step: StepRow) -> None:
        """Append a step to steps.csv."""
        durable.append(self.steps, csv_line(step, self.tables[self.steps]))

    def add_event(self, event: str, **details: Any) -> None:
        """Append to events.jsonl what has just happened."""
        line = json.dumps({"time": now(), "event": event, **details}, allow_nan=False)
        durable.append(self.events, line, sync=True)

    def save_epoch(self, data: bytes, epoch: int, best: int, keep: int) -> None:
        """Write the checkpoint of `epoch`, point last and best at theirs, and drop those that
        are neither among the `keep` newest nor the best."""
        path = self.checkpoints / epoch_name(epoch)
        durable.write(path, data)
        durable.link(self.last, path)
        if best == epoch:
            durable.link(self.best, path)
        self._keep({epoch_name(n) for n in (best, *range(epoch, epoch - keep, -1))})

    def save_step(self, data: bytes, step: int) -> None:
        """Write a checkpoint in the middle of an epoch, and drop the one before it."""
        path = self.checkpoints / step_name(step)
        durable.write(path, data)
        durable.link(self.last, path)
        for old in self.saved_checkpoints():
            if old != path and old.name.startswith("step-"):
                durable.remove(old)

    def forget_after(self, epoch: int) -> None:
        """Drop the checkpoints later than that of `epoch`; 0: all of them."""
        self._keep({epoch_name(n) for n in range(1, epoch + 1)})
        if epoch == 0:
            durable.remove(self.best)
            durable.remove(self.last)

    def saved_checkpoints(self) -> list[Path]:
        """The checkpoints of epochs and of steps by name, then best and last."""
        found = durable.listing(self.checkpoints)
        named = [path for path in (self.best, self.last) if path in found]
        return [path for path in found if number(path.name)] + named

    def _keep(self, names: set[str]) -> None:
        """Drop the checkpoints of epochs and steps that are not called so."""
        for path in self.saved_checkpoints():
            if number(path.name) and path.name not in names:
                durable.remove(path)

    def metrics_state(self) -> dict[str, Any]:
        """Length and SHA-256 of metrics.csv, for a checkpoint."""
        content = durable.read(self.metrics)
        if content is None:
            raise StorageError(f"cannot read {shown_path(self.metrics)}: it has vanished")
        return recorded(content)

    def go_back(self, metrics: Mapping[str, Any], epoch: int, step: int) -> None:
        """Cut the tables to what they held at a checkpoint, after `epoch` epochs and `step` steps:
        metrics.csv to a length, of the others, which nothing depends on, the rows that are left.
        """
        durable.truncate(self.metrics, metrics["bytes"])
        for path, last in ((self.timings, epoch), (self.steps, step)):
            if path in self.tables:
                text = (durable.read(path) or b"").decode(errors="replace")
                names = self.tables[path]
                rows = [row for row in text.splitlines() if 1 <= _number(row, len(names)) <= last]
                lines = [",".join(names), *rows]
                durable.write(path, "".join(f"{line}\n" for line in lines).encode())

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Replace summary.json."""
        durable.write(self.summary, _json(summary))


def _number(line: str, columns: int) -> int:
    """The number in the first column of a row, 0 for another line or a part of one."""
    first, *others = line.split(",")
    whole = len(others) + 1 == columns and first.isdecimal() and len(first) < 20
    return int(first) if whole else 0


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode(
        errors="replace"  # names of files may be no text
    )


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
