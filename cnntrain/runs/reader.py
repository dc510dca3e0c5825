"""One run directory, for those who read it: all that its files hold, as typed values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Config
from cnntrain.errors import CheckpointError, NotFoundError, StorageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.events import Event, read_events
from cnntrain.runs.rows import LayerRow, Row, StepRow, Timing, columns
from cnntrain.runs.summary import EMPTY_SUMMARY, Summary
from cnntrain.runs.tables import read_table
from cnntrain.text import shown_path

Columns = dict[str, NDArray[np.float64]]


class Run:
    """The run in the directory `path`.

    Every attribute reads its file when it is asked for, so that a run under way can be followed;
    nothing is written, and no lock is taken.

    >>> run = cnntrain.Run("runs/digits")
    >>> run.summary.status, run.summary.epochs
    ('finished', 2)
    >>> run.config.batch_size
    64
    >>> run.metrics["epoch"]
    array([1., 2.])
    >>> best = int(run.metrics["validation_error"].argmin())
    >>> best + 1 == run.summary.early_stopping_point.epoch
    True
    >>> run.best.name
    'best.safetensors'

    Raises NotFoundError where `path` holds no run, CheckpointError where access is denied.  The
    attributes raise CheckpointError where a file is damaged or cannot be read, and NotFoundError
    where it is not there.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.directory = RunDirectory.find(self.path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def config(self) -> Config:
        """The settings, with every default written out.  Raises ConfigError where config.yaml is
        no longer a config."""
        return self.directory.load_config()

    @property
    def summary(self) -> Summary:
        """How the run stands, or how it ended; its fields are the keys of summary.json."""
        return self.directory.read_summary() or EMPTY_SUMMARY.model_copy()

    @property
    def rows(self) -> list[Row]:
        """The epochs in metrics.csv."""
        return read_table(self.directory.metrics).parse(Row)

    @property
    def metrics(self) -> Columns:
        """The columns of metrics.csv by name, (epochs,) float64; NaN for an empty cell."""
        return read_table(self.directory.metrics).arrays(Row)

    @property
    def timings(self) -> Columns:
        """The columns of timings.csv by name, (epochs,) float64; NaN for an empty cell."""
        return read_table(self.directory.timings).arrays(Timing)

    @property
    def steps(self) -> Columns:
        """The columns of steps.csv by name, float64; NaN for an empty cell.  NotFoundError where
        the run records no steps (`record_steps`)."""
        return read_table(self.directory.steps).arrays(StepRow)

    @property
    def layers(self) -> dict[str, Columns]:
        """For each layer in layers.csv, by its name, the other columns by theirs, (epochs,)
        float64; NaN for an empty cell.  NotFoundError where the run records no layers
        (`record_layers`)."""
        found: dict[str, list[LayerRow]] = {}
        for row in read_table(self.directory.layers).parse(LayerRow):
            found.setdefault(row.layer, []).append(row)
        names = [name for name in columns(LayerRow) if name != "layer"]
        return {
            layer: {
                name: np.array([getattr(row, name) for row in rows], dtype=np.float64)
                for name in names
            }
            for layer, rows in found.items()
        }

    @property
    def events(self) -> list[Event]:
        """The lines of events.jsonl: dictionaries with `time`, `event`, `epoch`, `step` and what
        belongs to the event."""
        return read_events(self.directory.events)

    @property
    def best(self) -> Path:
        """The checkpoint of the early-stopping point.  NotFoundError before the first epoch."""
        return self._checkpoint(self.directory.checkpoints.best)

    @property
    def last(self) -> Path:
        """The newest checkpoint.  NotFoundError before the first."""
        return self._checkpoint(self.directory.checkpoints.last)

    def _checkpoint(self, path: Path) -> Path:
        try:
            saved = self.directory.checkpoints.saved()
        except StorageError as error:
            raise CheckpointError(str(error)) from None
        if path not in saved:
            raise NotFoundError(f"no run with a checkpoint in {shown_path(self.path)}")
        return path
