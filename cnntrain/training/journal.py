"""What happened in a run, for its files and for whoever watches it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from cnntrain.errors import CnntrainError, StorageError
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.summary import Summary
from cnntrain.training.progress import Progress
from cnntrain.training.trainer import Trainer


class Journal:
    """Events, notes and the summary of one run.

    summary   how the run stands
    spent     seconds that earlier processes have trained
    """

    def __init__(
        self, trainer: Trainer, directory: RunDirectory, progress: Progress, summary: Summary
    ) -> None:
        self.trainer, self.directory, self.progress = trainer, directory, progress
        self.summary = summary
        self.spent, self.started = 0.0, time.monotonic()
        self._waiting: list[str] | None = None  # notes, while there is a row to come above them

    @property
    def seconds(self) -> float:
        """Seconds that this process has trained."""
        return time.monotonic() - self.started

    def event(self, event: str, **details: Any) -> None:
        """Write an event to the run's files."""
        at = self.trainer.at
        self.directory.add_event(event, epoch=at.epoch, step=at.step, **details)

    def note(self, message: str) -> None:
        """Show a line to people."""
        if self._waiting is None:
            self.progress.note(message)
        else:
            self._waiting.append(message)

    def tell(self, note: str, event: str, **details: Any) -> None:
        """Write an event, and show it as a note."""
        self.event(event, **details)
        self.note(note)

    def warn(self, message: str) -> None:
        """Something that may not be as people mean it."""
        self.tell(f"warning: {message}", "warning", message=message)

    @contextlib.contextmanager
    def notes_below(self) -> Iterator[None]:
        """While entered notes wait, to be shown below what else is shown meanwhile."""
        self._waiting = []
        try:
            yield
        finally:
            notes, self._waiting = self._waiting, None
            for note in notes:
                self.progress.note(note)

    def write_summary(self) -> None:
        """Bring summary.json up to date."""
        self.summary.seconds = self.spent + self.seconds
        self.directory.write_summary(self.summary)

    def end(self, status: str, reason: str, exit_code: int | None) -> None:
        """Write down how the run ended."""
        self.summary.end(status, reason, exit_code)
        self.event("stop", status=status, reason=reason)
        self.write_summary()
        if status != "diverged":  # an error says what it is
            again = "" if exit_code == 0 else " (--resume goes on)"
            self.note(f"{status.replace('_', ' ')}: {reason}{again}")

    def fail(self, error: Exception) -> None:
        """Write down what ended the run, as far as that can be: what failed may be the disk."""
        code = error.exit_code if isinstance(error, CnntrainError) else CnntrainError.exit_code
        reason = str(error) or type(error).__name__
        self.summary.end("failed", reason, code)
        with contextlib.suppress(StorageError):
            self.event("stop", status="failed", reason=reason)
        with contextlib.suppress(StorageError):
            self.write_summary()
