"""Writing metrics.csv, timings.csv, steps.csv and layers.csv, row by row."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cnntrain.runs.checkpoint_record import CheckpointRecord
from cnntrain.runs.rows import AnyRow, LayerRow, Row, StepRow, Timing, columns, csv_line
from cnntrain.runs.tables import rows_up_to
from cnntrain.storage import disk, durable, lines


class TableWriter:
    """The tables of a run, each with rows of one kind.

    files     by kind, whether the run has them or not
    columns   by kind, of those that it has
    """

    def __init__(self, run: Path) -> None:
        self.files: dict[type[AnyRow], Path] = {
            Row: run / "metrics.csv",
            Timing: run / "timings.csv",
            StepRow: run / "steps.csv",
            LayerRow: run / "layers.csv",
        }
        self.columns: dict[type[AnyRow], list[str]] = {
            Row: columns(Row),
            Timing: columns(Timing),
        }

    def choose(self, extra: Collection[str], steps: bool, layers: bool) -> None:
        """Choose what metrics.csv has beside the columns of every run, and whether there is a
        steps.csv, and a layers.csv."""
        self.columns[Row] = columns(Row, extra)
        if steps:
            self.columns[StepRow] = columns(StepRow)
        if layers:
            self.columns[LayerRow] = columns(LayerRow)

    def begin(self) -> None:
        """Write the tables without rows."""
        for kind, names in self.columns.items():
            durable.write(self.files[kind], f"{','.join(names)}\n".encode())

    def add(self, *rows: AnyRow) -> None:
        """Append rows of one kind, all or none of them; that of metrics.csv is on the disk then,
        before the checkpoint that counts it."""
        if rows:
            kind = type(rows[0])
            text = "\n".join(csv_line(row, self.columns[kind]) for row in rows)
            lines.append(self.files[kind], text, sync=kind is Row)

    def truncate_to(self, record: CheckpointRecord) -> None:
        """Cut the tables to what they held at a checkpoint: metrics.csv to its length then; of the
        others, which nothing depends on, to the rows that are left."""
        lines.truncate(self.files[Row], record.metrics.bytes)
        epoch, step = record.epoch, record.step
        for kind, last in ((Timing, epoch), (LayerRow, epoch), (StepRow, step)):
            if kind in self.columns:
                path, names = self.files[kind], self.columns[kind]
                kept = [",".join(names), *rows_up_to(disk.read(path) or b"", names, last)]
                durable.write(path, "".join(f"{line}\n" for line in kept).encode())
