"""Which checkpoint a run may go on from, so that it ends with the bytes of an undisturbed run.

One that verifies; that this run has written, by its settings and the rows of metrics.csv that it
counts; and whose best epoch has such a checkpoint, too.  Of those the one with most steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from cnntrain.config import Config, config_for_checkpoint, config_from_checkpoint, differences
from cnntrain.errors import CheckpointError, DataError, NotFoundError
from cnntrain.runs import checkpoint_file as checkpoint
from cnntrain.runs import durable, metrics_digest
from cnntrain.runs.checkpoint_names import epoch_name, step_name
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.metrics import Row, columns, csv_line
from cnntrain.text import printable, shown_path
from cnntrain.training.progress import Progress
from cnntrain.training.resume.reopen import read_summary

Metadata = dict[str, Any]


@dataclass(frozen=True)
class Saved:
    """A checkpoint to go on from: its file, arrays and metadata.

    best    the checkpoint of its best epoch, None before the first
    sound   whether best and last are these, and metrics.csv ends where it was written
    """

    path: Path
    arrays: dict[str, NDArray[Any]]
    metadata: Metadata
    best: Path | None
    sound: bool

    @property
    def epoch(self) -> int:
        """Complete epochs."""
        return int(self.metadata["epoch"])

    def check_data(self, fingerprint: str) -> None:
        """Raise DataError unless it was trained on data with this fingerprint."""
        if self.metadata["data_sha256"] != fingerprint:
            name = printable(self.path.name)
            raise DataError(f"the data have changed since {name} was written")

    def settle(self, directory: RunDirectory) -> None:
        """Give it and its best all their names again: a process may have died before it did, and
        files may have been lost or damaged."""
        named = [(directory.checkpoints / _name(self.metadata), self.path)]
        named += [(directory.last, self.path)]
        if self.best is not None:
            epoch = directory.checkpoints / epoch_name(self.metadata["best"]["epoch"])
            named += [(epoch, self.best), (directory.best, self.best)]
        for path, target in named:
            durable.link(path, target)


def newest_usable(
    directory: RunDirectory, config: Config, whole_epochs: bool, progress: Progress
) -> Saved | None:
    """The checkpoint to go on from; None where the run has not come to its first one.

    config         the settings of the run, as its config.yaml has them
    whole_epochs   whether those in the middle of an epoch are left out

    Says which ones are passed over.  Raises CheckpointError where there are none that will do.
    """
    found = Candidates(directory, config)
    for reason in found.refused:
        progress.note(f"warning: {reason}")
    usable = [c for c in found.usable if not (whole_epochs and _within_epoch(c.metadata))]
    if usable:
        return found.take(max(usable, key=lambda candidate: int(candidate.metadata["step"])))
    place = shown_path(directory.checkpoints)
    remedy = "(put back copies of its files, or choose another directory with --run)"
    if found.refused:
        raise CheckpointError(f"no checkpoint in {place} verifies: {found.refused[0]} {remedy}")
    # A process that dies between the first row and its checkpoint leaves one row.
    summary = read_summary(directory)
    if directory.epochs_recorded() > 1 or (summary is not None and summary["epochs"] > 0):
        raise CheckpointError(f"the run has done epochs, but {place} holds none {remedy}")
    return None


class Candidate(NamedTuple):
    """A checkpoint that verifies: its file and metadata."""

    path: Path
    metadata: Metadata


class Candidates:
    """The checkpoints of a run directory, looked through.

    usable    those that a run with the settings `config` may go on from
    refused   why the others will not do, a line each
    """

    def __init__(self, directory: RunDirectory, config: Config) -> None:
        self.directory, self.config = directory, config
        self.metrics = durable.read(directory.metrics) or b""
        self.changed = _changed_keys(_events(directory))
        self.refused: list[str] = []
        verified = self._sift(self._verified(), self._foreign)
        self.rows = {1: ",".join(self._columns())} | {
            c.metadata["epoch"] + 1: csv_line(Row(**c.metadata["row"]), self._columns())
            for c in verified
            if c.metadata["row"] is not None
        }
        self.ours = self._sift(verified, self._other_metrics)
        self.usable = self._sift(self.ours, self._without_best)

    def take(self, chosen: Candidate) -> Saved:
        """The checkpoint to go on from, with its arrays."""
        arrays, metadata = checkpoint.read(chosen.path)
        best = self._best_of(metadata)
        named = {c.path: c.metadata["sha256"] for c in self.ours}
        sound = (
            named.get(self.directory.last) == metadata["sha256"]
            and (best is None or named.get(self.directory.best) == best.metadata["sha256"])
            and len(self.metrics) == metadata["metrics"]["bytes"]
        )
        return Saved(chosen.path, arrays, metadata, best and best.path, sound)

    def _verified(self) -> list[Candidate]:
        """Those whose contents are what was written; their arrays are not kept."""
        found = []
        for path in self.directory.saved_checkpoints():
            try:
                found.append(Candidate(path, checkpoint.read(path)[1]))
            except (CheckpointError, NotFoundError) as error:
                self.refused.append(str(error))
        return found

    def _sift(
        self, candidates: list[Candidate], objection: Callable[[Metadata], str | None]
    ) -> list[Candidate]:
        """Those to which there is no objection."""
        found = []
        for candidate in candidates:
            reason = objection(candidate.metadata)
            if reason is None:
                found.append(candidate)
            else:
                self.refused.append(f"{shown_path(candidate.path)}: {reason}")
        return found

    def _foreign(self, metadata: Metadata) -> str | None:
        """It was written with other settings, and not before they were changed in this run."""
        try:
            theirs = config_for_checkpoint(config_from_checkpoint(metadata["config"]))
        except ValueError as error:
            return f"not a config: {printable(error, 200)}"
        for key, *_ in differences(theirs, config_for_checkpoint(self.config)):
            if not any(f"{key}.".startswith(f"{changed}.") for changed in self.changed):
                return f"from another run: its {key} is not that of config.yaml"
        return None

    def _other_metrics(self, metadata: Metadata) -> str | None:
        """metrics.csv does not begin with the rows that were there then."""
        if metrics_digest.holds(self.metrics, metadata["metrics"]):
            return None
        place = shown_path(self.directory.metrics)
        return f"it does not go with {place}{metrics_digest.damage(self.metrics, self.rows)}"

    def _without_best(self, metadata: Metadata) -> str | None:
        """Its best epoch is lost."""
        if metadata["best"] is None or self._best_of(metadata) is not None:
            return None
        return f"no checkpoint of epoch {metadata['best']['epoch']}, the best one, verifies"

    def _best_of(self, metadata: Metadata) -> Candidate | None:
        """A checkpoint of the best epoch so far; None where there is none."""
        epoch = metadata["best"] and metadata["best"]["epoch"]
        whole = (c for c in self.ours if not _within_epoch(c.metadata))
        return next((c for c in whole if c.metadata["epoch"] == epoch), None)

    def _columns(self) -> list[str]:
        return columns(Row, full=self.config.evaluate_train == "full")


def _events(directory: RunDirectory) -> bytes:
    content = durable.read(directory.events)
    if content is None:
        place = shown_path(directory.events)
        raise CheckpointError(
            f"{place}, which says what was done by hand, is missing (put it back)"
        )
    return content


def _changed_keys(events: bytes) -> set[str]:
    """The settings that have been changed in a run, by its events.jsonl."""
    found = set()
    for line in events.splitlines():
        try:
            event = json.loads(line)
            if event["event"] == "settings":
                found |= {str(change["key"]) for change in event["changes"]}
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # said where the events are acted on
    return found


def _within_epoch(metadata: Metadata) -> bool:
    return bool(metadata["trainer"]["at"]["batch"])


def _name(metadata: Metadata) -> str:
    """What the checkpoint is called."""
    within = _within_epoch(metadata)
    return step_name(metadata["step"]) if within else epoch_name(metadata["epoch"])
