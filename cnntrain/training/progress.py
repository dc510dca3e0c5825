"""Progress of a run, for whoever watches.  The methods here do nothing: silence is the default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnntrain.runs.rows import Row, Timing
from cnntrain.runs.summary import Summary
from cnntrain.training.origin import Origin
from cnntrain.training.resume.changes import Change
from cnntrain.training.step import TrainingStep


@dataclass(frozen=True)
class TrainingPlan:
    """What is about to be trained.

    samples_per_epoch   training samples that an epoch visits
    samples_done        those of the first epoch to come that an earlier process has visited
    metrics             those of the validation part that are measured beside loss and error
    mixed_labels        whether training errors are those against the larger share of mixed labels
    """

    run: str
    epochs: int
    steps_per_epoch: int
    samples_per_epoch: int
    samples_done: int
    parameters: int
    classification: bool
    metrics: tuple[str, ...] = ()
    mixed_labels: bool = False


class Progress:
    """Overridden by those who show progress; called from the training thread.

    outcome   the summary of the run when it has ended, also where `fit` raises; None before
    """

    outcome: Summary | None = None

    def begin(self, plan: TrainingPlan) -> None:
        """Training is about to start."""

    def step(self, step: TrainingStep) -> None:
        """A step has been taken."""

    def epoch(self, row: Row, timing: Timing, best: bool) -> None:
        """An epoch is complete and on disk; `best` tells whether it is the best so far."""

    def note(self, message: str) -> None:
        """Something worth a line: a lowered rate, why training stopped."""

    def warn(self, message: str) -> None:
        """Something that may not be what people intend."""

    def changes(self, changes: Sequence[Change]) -> None:
        """The run that is resumed was made with other settings.  Where it cannot go on with these,
        the settings that may not change are among them."""

    def origin(self, origin: Origin) -> None:
        """Training begins with what a checkpoint holds."""

    def end(self) -> None:
        """No further calls follow, however training ended."""
