"""A run directory: the files of a run, and what is written to them."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Config, Overrides, load_config
from cnntrain.data.formats.numpy_files import open_npz
from cnntrain.errors import CheckpointError, DataError, NotFoundError, StorageError
from cnntrain.files import read_bytes
from cnntrain.runs import foreign
from cnntrain.runs.beat import Beat
from cnntrain.runs.checkpoint_folder import CheckpointFolder
from cnntrain.runs.clock import utc_now
from cnntrain.runs.entries import check_entries
from cnntrain.runs.metrics_digest import MetricsDigest, digest_of
from cnntrain.runs.rows import LayerRow, Row, StepRow, Timing, columns
from cnntrain.runs.summary import Summary
from cnntrain.runs.table_writer import TableWriter
from cnntrain.storage import disk, durable, lines
from cnntrain.text import elsewhere, printable, shown_path


class RunDirectory:
    """The files of one run, at `path`.

    `find` is for those who only read it; who writes claims it first (see `claim`).  The attributes
    are the paths of the files; `tables` appends rows to those that are tables.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.split_file = path / "split.npz"
        self.provenance = path / "run.json"
        self.summary = path / "summary.json"
        self.tables = TableWriter(path)
        self.metrics, self.timings = self.tables.files[Row], self.tables.files[Timing]
        self.steps, self.layers = self.tables.files[StepRow], self.tables.files[LayerRow]
        self.events = path / "events.jsonl"
        self.checkpoints = CheckpointFolder(path / "checkpoints")
        self.control = path / "control"
        self.tensorboard = path / "tensorboard"
        self.scalars = self.tensorboard / "events.out.tfevents.0.cnntrain"
        self.beat = path / ".progress.json"

    @classmethod
    def find(cls, path: Path) -> RunDirectory:
        """The directory of a run that is there.

        Raises NotFoundError where there is none, CheckpointError where access is denied, or
        something in it may not be there.
        """
        directory = cls(path)
        try:
            there = directory.holds_run()
            if there:
                check_entries(path)
        except StorageError as error:
            raise CheckpointError(str(error)) from None
        if not there:
            raise NotFoundError(foreign.told(path) or f"no run in {shown_path(path)}")
        return directory

    def holds_run(self) -> bool:
        """Whether a run has begun here, even if some of its files are lost.

        A config.yaml or a metrics.csv alone may be anybody's.
        """
        begun = disk.exists(self.config) or self.epochs_recorded() > 0
        others = (self.provenance, self.events, self.split_file, self.summary, self.control)
        marked = begun and any(disk.exists(path) for path in others)
        return (marked or bool(self.checkpoints.saved())) and not self.holds_sweep()

    def holds_sweep(self) -> bool:
        """Whether this is the directory of a sweep, which has runs below it."""
        return disk.exists(self.path / "plan.json")

    def epochs_recorded(self) -> int:
        """The number of whole rows in metrics.csv, if it is the table of a run."""
        content = disk.read(self.metrics) or b""
        ours = content.startswith(",".join(columns(Row)).encode())
        return max(content.count(b"\n") - 1, 0) if ours else 0

    def check_space(self, size: int, count: int) -> None:
        """Raise StorageError unless `count` files of `size` bytes can be written here.  One is
        written as a trial, which shows quotas and permissions."""
        with disk.storage_errors(self.path, "read"):
            free = shutil.disk_usage(self.path).free
        needed = size * max(count - len(self.checkpoints.numbered()), 1)
        if free < needed:
            raise StorageError(
                f"{shown_path(self.path)} has space for {free / 2**20:,.1f} MiB, the "
                f"checkpoints to keep need {needed / 2**20:,.1f} MiB (a smaller checkpoint.keep "
                "needs less)"
            )
        durable.probe(self.path, size)

    def begin(self, config: str, provenance: Mapping[str, Any], split: Mapping[str, Any]) -> None:
        """Write what is known before the first step.  config.yaml comes last: it marks the
        directory as that of a run."""
        self.make_folders()
        durable.write(self.provenance, _json(provenance))
        self._write_split(split)
        self.tables.begin()
        if not disk.exists(self.events):  # an earlier start may have recorded actions by hand
            durable.write(self.events, b"")
        durable.write(self.config, config.encode())

    def make_folders(self) -> None:
        """Make the folders of checkpoints and requests, which a copy may lack when empty."""
        disk.make_folder(self.checkpoints.path)
        disk.make_folder(self.control)

    def change(self, config: str, split: Mapping[str, Any]) -> None:
        """Write down settings that have changed since the run began."""
        self._write_split(split)
        durable.write(self.config, config.encode())

    def load_config(self, overrides: Overrides | None = None) -> Config:
        """The settings that the run was made with, with other values at some keys.

        Raises CheckpointError where config.yaml is lost, ConfigError where it is wrong.
        """
        if not disk.exists(self.config):
            raise CheckpointError(
                f"{shown_path(self.path)} holds a run, but its config.yaml is missing "
                f"(put back a copy, or {elsewhere()})"
            )
        return load_config(self.config, overrides)

    def read_summary(self) -> Summary | None:
        """The summary; None where there is none yet, CheckpointError where summary.json is not a
        summary or cannot be read."""
        try:
            content = disk.read(self.summary)
            return None if content is None else Summary.parse(content)
        except StorageError as error:
            raise CheckpointError(str(error)) from None
        except ValueError as error:
            place = shown_path(self.summary)
            raise CheckpointError(f"{place} is not a run's summary ({printable(error)})") from None

    def write_summary(self, summary: Summary) -> None:
        """Replace summary.json."""
        durable.write(self.summary, _json(summary.as_dict()))

    def read_beat(self) -> Beat | None:
        """How far the epoch has come; None where nobody tells.  Raises CheckpointError."""
        try:
            return Beat.parse(disk.read(self.beat) or b"")
        except StorageError as error:
            raise CheckpointError(str(error)) from None

    def write_beat(self, beat: Beat) -> None:
        """Replace .progress.json; a crash may lose it."""
        disk.overwrite(self.beat, beat.content())

    def remove_beat(self) -> None:
        """Remove .progress.json."""
        disk.remove(self.beat)

    def read_provenance(self) -> dict[str, Any]:
        """The content of run.json; nothing where it cannot be read, for nothing depends on it."""
        try:
            provenance = json.loads(read_bytes(self.provenance, links=False))
        except (OSError, ValueError, RecursionError):
            return {}
        return provenance if isinstance(provenance, dict) else {}

    def read_split(self) -> dict[str, NDArray[Any]]:
        """The arrays in split.npz: the indices of each part, and digests of what is trained on.
        Nothing where it is lost; CheckpointError where it is damaged."""
        try:
            if not disk.exists(self.split_file):
                return {}
            with open_npz(self.split_file) as file:
                return {name: file.read(name) for name in file.names}
        except (DataError, StorageError) as error:
            raise CheckpointError(str(error)) from None

    def _write_split(self, split: Mapping[str, Any]) -> None:
        durable.write(self.split_file, _npz(split))

    def add_event(self, event: str, **details: Any) -> None:
        """Append an event to events.jsonl, and wait until it is on the disk."""
        line = json.dumps({"time": utc_now(), "event": event, **details}, allow_nan=False)
        lines.append(self.events, line, sync=True)

    def metrics_digest(self) -> MetricsDigest:
        """That of metrics.csv as it is now.  Raises StorageError where it has vanished."""
        content = disk.read(self.metrics)
        if content is None:
            raise StorageError(f"cannot read {shown_path(self.metrics)}: it has vanished")
        return digest_of(content)


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode(
        errors="replace"  # names of files may be no text
    )


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
