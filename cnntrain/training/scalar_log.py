"""The metrics of each epoch for TensorBoard, beside metrics.csv."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

from cnntrain.errors import UsageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.rows import Row
from cnntrain.runs.tables import read_table
from cnntrain.storage import disk
from cnntrain.text import printable
from cnntrain.training.journal import Journal


class ScalarLog:
    """Columns of metrics.csv as scalars by epoch, in RUN/tensorboard.

    The file is written anew by each process that goes on with the run, from metrics.csv, so that
    there is one value an epoch.  What goes wrong here is a warning, once, and training goes on.

    wanted   whether there is to be one; otherwise nothing here does anything

    Raises UsageError where it is wanted, and tensorboardX is not installed.
    """

    def __init__(self, wanted: bool, directory: RunDirectory, journal: Journal) -> None:
        self.directory, self.journal = directory, journal
        self._writer: Any = None
        self._works = wanted
        if wanted:
            _module("record_writer")

    def begin(self) -> None:
        """Write what metrics.csv holds."""
        self._try(self._open)

    def epoch(self, row: Row) -> None:
        """Write an epoch that is complete."""
        self._try(lambda: self._add([row]))

    def end(self) -> None:
        """No more follows."""
        self._try(self._close)

    def _try(self, action: Callable[[], None]) -> None:
        if not self._works:
            return
        try:
            action()
        except Exception as error:  # whatever it is: training matters more
            self._works = False
            what = printable(f"{type(error).__name__}: {error}", 200)
            self.journal.warn(f"log: tensorboard has failed, training goes on without it ({what})")

    def _open(self) -> None:
        disk.make_folder(self.directory.tensorboard)
        disk.remove(self.directory.scalars)
        self._writer = _module("record_writer").RecordWriter(str(self.directory.scalars))
        self._write(file_version="brain.Event:2")
        self._add(read_table(self.directory.metrics).parse(Row))

    def _add(self, rows: list[Row]) -> None:
        summaries = _module("proto.summary_pb2")
        for row in rows:
            values = [
                summaries.Summary.Value(tag=name, simple_value=value)
                for name, value in asdict(row).items()
                if name != "epoch" and value is not None
            ]
            self._write(step=row.epoch, summary=summaries.Summary(value=values))
        self._writer.flush()

    def _write(self, **content: Any) -> None:
        event = _module("proto.event_pb2").Event(wall_time=time.time(), **content)
        self._writer.write(event.SerializeToString())

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _module(name: str) -> Any:
    """One of tensorboardX, which is imported when it is needed."""
    try:
        return import_module(f"tensorboardX.{name}")
    except ImportError:
        raise UsageError(
            "log: tensorboard needs tensorboardX (pip install 'cnntrain[tensorboard]')"
        ) from None
