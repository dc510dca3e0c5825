"""The journal of a run: events, notes and the summary."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from cnntrain.errors import CnntrainError, StorageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.summary import Summary
from cnntrain.text import argument
from cnntrain.training.event import Event, warning
from cnntrain.training.progress import Progress
from cnntrain.training.stopping import End
from cnntrain.training.trainer import Trainer


class Journal:
    """Writes events, notes and the summary of one run.

    summary   how the run stands
    spent     seconds that earlier processes have trained
    """

    def __init__(
        self, trainer: Trainer, directory: RunDirectory, progress: Progress, summary: Summary
    ) -> None:
        self.trainer, self.directory, self.progress = trainer, directory, progress
        self.summary = summary
        self.spent, self.started = 0.0, time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds that this process has trained."""
        return time.monotonic() - self.started

    def record(self, kind: str, **details: Any) -> None:
        """Append a line to events.jsonl, and wait until it is on the disk."""
        at = self.trainer.position
        self.directory.add_event(kind, epoch=at.epoch, step=at.step, **details)

    def note(self, message: str) -> None:
        """Show a line to people."""
        self.progress.note(message)

    def tell(self, event: Event) -> None:
        """Record an event, and show its note; the summary keeps warnings."""
        self.record(event.kind, **event.details)
        if event.kind != "warning":
            self.note(event.note)
            return
        self.progress.warn(event.note)
        if event.note not in self.summary.warnings:
            self.summary.warnings.append(event.note)

    def warn(self, message: str) -> None:
        """Tell of something that may not be what people intend."""
        self.tell(warning(message))

    def write_summary(self) -> None:
        """Bring summary.json up to date."""
        self.summary.seconds = self.spent + self.seconds
        self.directory.write_summary(self.summary)

    def end(self, end: End) -> None:
        """Write down how the run ended."""
        self.summary.end(end.status, end.reason, end.exit_code)
        self.record("stop", status=end.status, reason=end.reason)
        self.write_summary()
        if end.status != "diverged":  # the error itself says so
            hint = "" if end.exit_code == 0 else f" ({argument('resume', True)} goes on)"
            self.note(f"{end.status.replace('_', ' ')}: {end.reason}{hint}")

    def fail(self, error: Exception) -> None:
        """Write down the error that ended the run, as far as possible: the disk may be full."""
        code = error.exit_code if isinstance(error, CnntrainError) else CnntrainError.exit_code
        reason = str(error) or type(error).__name__
        self.summary.end("failed", reason, code)
        with contextlib.suppress(StorageError):
            self.record("stop", status="failed", reason=reason)
        with contextlib.suppress(StorageError):
            self.write_summary()
