"""What the live page shows of a run: its files, read anew where they have changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cnntrain.errors import CnntrainError
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import Child, element, write
from cnntrain.reports.page import facts, grid
from cnntrain.reports.sections.curves import curves
from cnntrain.runs.beat import Beat
from cnntrain.runs.lock import is_live
from cnntrain.runs.reader import Run
from cnntrain.runs.standing import (
    beat_text,
    best_text,
    epoch_cells,
    measured_best,
    status_text,
)
from cnntrain.storage import disk
from cnntrain.training.control.recorded import read_recorded

EPOCHS = 20  # the last ones are shown
ACTIONS = 100  # the last ones by hand are told


@dataclass(frozen=True)
class State:
    """How the run stands, in little: a page asks for it once a second.

    status    in words
    live      whether a process trains it
    now       how far the epoch has come, in words, "" where nobody tells
    done      the same as a share
    rate      of the last step that is known of
    waiting   requests that the run has not seen yet
    taken     those that it has taken over, each with the number of steps before it
    version   another one where there is more to show
    """

    status: str
    live: bool = False
    now: str = ""
    done: float | None = None
    rate: float | None = None
    waiting: list[str] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The files of a run at some moment, which `version` stands for."""

    version: str
    evidence: Evidence

    @cached_property
    def taken(self) -> dict[str, int]:
        """Requests that the run has taken over, each with the number of steps before it."""
        made = read_recorded(self.evidence.run.directory.events)[-ACTIONS:]
        return {action.request: action.step for action in made if action.request}

    @cached_property
    def content(self) -> str:
        """The best epoch, the curves and the last epochs, as HTML."""
        summary, rows = self.evidence.summary, self.evidence.rows
        best = measured_best(summary)
        known: list[tuple[str, Child]] = [
            ("epochs", f"{len(rows):,} of {self.evidence.run.config.epochs:,}")
        ]
        if best is not None:
            known.append(("best", best_text(best)))
        content: list[Child] = [facts(known)]
        content += [element("p", f"Warning: {text}", class_="warning") for text in summary.warnings]
        if (section := curves(self.evidence)) is not None:
            cells = epoch_cells(rows)
            lines = [
                [
                    f"{row.epoch} (best)" if best and row.epoch == best.epoch else str(row.epoch),
                    *(cell(row) for cell in cells.values()),
                ]
                for row in reversed(rows[-EPOCHS:])
            ]
            content += [
                element("h2", "Curves"),
                *section.content,
                element("h2", "Last epochs"),
                grid(["epoch", *cells], lines),
            ]
        return "".join(write(part) for part in content if not isinstance(part, str | None))


class View:
    """Looks at the run at `path`, whatever becomes of it; for several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._last: Snapshot | None = None

    def state(self) -> State:
        """How the run stands; nothing but a status where it cannot be read."""
        try:
            run = Run(self.path)
            live = is_live(run.path)
            beat = run.directory.read_beat() if live else None
            waiting = [path.name for path in disk.listing(run.directory.control)]
            seen = self.snapshot()  # after `waiting`: no request is in neither
            return State(
                status_text(seen.evidence.summary, live),
                live,
                "" if beat is None else beat_text(beat),
                None if beat is None else min(beat.batch / beat.batches, 1.0),
                _rate(seen.evidence, beat),
                waiting,
                seen.taken,
                seen.version,
            )
        except CnntrainError as error:
            return State(str(error))

    def snapshot(self) -> Snapshot:
        """The files as they are now.  Raises NotFoundError where they are gone."""
        run = Run(self.path)
        version = _version(run)
        with self._lock:
            if self._last is None or self._last.version != version:
                self._last = Snapshot(version, Evidence(run, None))
            return self._last


def _rate(evidence: Evidence, beat: Beat | None) -> float | None:
    if beat is not None:
        return beat.learning_rate
    return evidence.rows[-1].learning_rate if evidence.rows else None


def _version(run: Run) -> str:
    """Which files the run has now: another text where one of them has changed."""
    here = run.directory
    return " ".join(_mark(path) for path in (here.metrics, here.events, here.summary, here.config))


def _mark(path: Path) -> str:
    try:
        info = path.stat()
    except OSError:
        return "-"
    return f"{info.st_ino:x}.{info.st_mtime_ns:x}.{info.st_size:x}"
