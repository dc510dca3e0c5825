"""The checkpoint that a run can go on from so that it ends with the bytes of an undisturbed run.

It must verify; be this run's own, by its settings and by the rows of metrics.csv that it counts;
and its best epoch must have such a checkpoint, too.  Of those, the one with the most steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cnntrain.config import Config, config_for_checkpoint, config_from_checkpoint, differences
from cnntrain.errors import CheckpointError, DataError, NotFoundError
from cnntrain.runs import metrics_digest
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.checkpoint_folder import CheckpointFolder
from cnntrain.runs.checkpoint_names import epoch_name
from cnntrain.runs.checkpoint_record import CheckpointRecord
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.events import Event, read_events
from cnntrain.runs.rows import Row, columns, csv_line
from cnntrain.runs.summary import EMPTY_SUMMARY
from cnntrain.storage import disk, durable
from cnntrain.text import elsewhere, printable, shown_path
from cnntrain.training.epoch_metrics import extra_columns
from cnntrain.training.progress import Progress


@dataclass(frozen=True)
class ResumePoint:
    """A checkpoint to go on from, and its file.

    best     the checkpoint of its best epoch, None before the first
    intact   whether last and best are these two, and metrics.csv has nothing after it
    """

    path: Path
    checkpoint: Checkpoint
    best: Path | None
    intact: bool

    @property
    def epoch(self) -> int:
        """Complete epochs."""
        return self.checkpoint.record.epoch

    def check_data(self, fingerprint: str) -> None:
        """Raise DataError unless it was trained on data with this fingerprint."""
        if self.checkpoint.record.data_sha256 != fingerprint:
            name = printable(self.path.name)
            raise DataError(f"the data have changed since {name} was written")

    def relink(self, folder: CheckpointFolder) -> None:
        """Give this checkpoint and its best one all their names again: the process may have died
        before it did, and files may have been lost or damaged."""
        record = self.checkpoint.record
        links = [(folder.path / record.name, self.path), (folder.last, self.path)]
        if self.best is not None and record.best is not None:
            epoch = folder.path / epoch_name(record.best.epoch)
            links += [(epoch, self.best), (folder.best, self.best)]
        for path, target in links:
            durable.link(path, target)


def newest_usable(
    directory: RunDirectory, config: Config, whole_epochs: bool, progress: Progress
) -> ResumePoint | None:
    """The checkpoint to go on from; None where the run has not come to its first one.

    config         the settings of the run, as its config.yaml has them
    whole_epochs   whether those in the middle of an epoch are left out

    Warns of those that are passed over.  Raises CheckpointError where there are some, but none is
    usable.
    """
    selection = CheckpointSelection(directory, config)
    usable = [c for c in selection.usable if not (whole_epochs and c.record.within_epoch)]
    if usable:
        for reason in selection.refused:
            progress.warn(reason)
        return selection.load(max(usable, key=lambda candidate: candidate.record.step))
    place = shown_path(directory.checkpoints.path)
    remedy = f"(put back copies of its files, or {elsewhere()})"
    if selection.refused:
        raise CheckpointError(f"no checkpoint in {place} verifies: {selection.refused[0]} {remedy}")
    # A process that dies between the first row and its checkpoint leaves one row.
    epochs = (directory.read_summary() or EMPTY_SUMMARY).epochs
    if directory.epochs_recorded() > 1 or epochs > 0:
        raise CheckpointError(f"the run has done epochs, but {place} holds none {remedy}")
    return None


class Candidate(NamedTuple):
    """A checkpoint that verifies: its file and its record.  Its arrays are not kept."""

    path: Path
    record: CheckpointRecord


class CheckpointSelection:
    """The checkpoints of a run directory, examined.

    usable    those that a run with the settings `config` can go on from
    refused   the reasons against the others, a line each
    """

    def __init__(self, directory: RunDirectory, config: Config) -> None:
        self.directory, self.config = directory, config
        self.metrics = disk.read(directory.metrics) or b""
        self.changed = _changed_keys(_events(directory))
        self.refused: list[str] = []
        verified = self._filter(self._verified(), self._foreign)
        self.lines = {1: ",".join(self._columns())} | {
            c.record.epoch + 1: csv_line(c.record.row, self._columns())
            for c in verified
            if c.record.row is not None
        }
        self.own = self._filter(verified, self._other_metrics)
        self.usable = self._filter(self.own, self._without_best)

    def load(self, chosen: Candidate) -> ResumePoint:
        """The chosen checkpoint with its arrays."""
        checkpoint = Checkpoint.read(chosen.path)
        record, best = checkpoint.record, self._best_of(checkpoint.record)
        digests = {c.path: c.record.sha256 for c in self.own}
        intact = (
            digests.get(self.directory.checkpoints.last) == record.sha256
            and (best is None or digests.get(self.directory.checkpoints.best) == best.record.sha256)
            and len(self.metrics) == record.metrics.bytes
        )
        return ResumePoint(chosen.path, checkpoint, best and best.path, intact)

    def _verified(self) -> list[Candidate]:
        """Those whose contents are what was written."""
        found = []
        for path in self.directory.checkpoints.saved():
            try:
                found.append(Candidate(path, Checkpoint.read(path).record))
            except (CheckpointError, NotFoundError) as error:
                self.refused.append(str(error))
        return found

    def _filter(
        self, candidates: list[Candidate], objection: Callable[[CheckpointRecord], str | None]
    ) -> list[Candidate]:
        """Those to which there is no objection; the others are refused."""
        found = []
        for candidate in candidates:
            reason = objection(candidate.record)
            if reason is None:
                found.append(candidate)
            else:
                self.refused.append(f"{shown_path(candidate.path)}: {reason}")
        return found

    def _foreign(self, record: CheckpointRecord) -> str | None:
        """The objection that it was written with settings that this run never had."""
        try:
            theirs = config_for_checkpoint(config_from_checkpoint(record.config))
        except ValueError as error:
            return f"not a config: {printable(error, 200)}"
        for key, *_ in differences(theirs, config_for_checkpoint(self.config)):
            if not any(f"{key}.".startswith(f"{changed}.") for changed in self.changed):
                return f"from another run: its {key} is not that of config.yaml"
        return None

    def _other_metrics(self, record: CheckpointRecord) -> str | None:
        """The objection that metrics.csv does not begin with the rows that were there then."""
        if metrics_digest.matches(self.metrics, record.metrics):
            return None
        place = shown_path(self.directory.metrics)
        return f"it does not match {place}{metrics_digest.damage(self.metrics, self.lines)}"

    def _without_best(self, record: CheckpointRecord) -> str | None:
        """The objection that its best epoch is lost."""
        if record.best is None or self._best_of(record) is not None:
            return None
        return f"no checkpoint of epoch {record.best.epoch}, the best one, verifies"

    def _best_of(self, record: CheckpointRecord) -> Candidate | None:
        """A checkpoint of the best epoch at that time; None where there is none."""
        if record.best is None:
            return None
        whole = (c for c in self.own if not c.record.within_epoch)
        return next((c for c in whole if c.record.epoch == record.best.epoch), None)

    def _columns(self) -> list[str]:
        return columns(Row, extra_columns(self.config))


def _events(directory: RunDirectory) -> list[Event]:
    try:
        return read_events(directory.events)
    except NotFoundError:
        place = shown_path(directory.events)
        raise CheckpointError(
            f"{place}, which records what was done by hand, is missing (put it back)"
        ) from None


def _changed_keys(events: list[Event]) -> set[str]:
    """The settings that have been changed in a run."""
    found = set()
    for event in events:
        if event["event"] == "settings":
            try:
                found |= {str(change["key"]) for change in event["changes"]}
            except (KeyError, TypeError):  # not written by a run: nothing is known to have changed
                continue
    return found
