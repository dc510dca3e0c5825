"""How the learning rate changes from epoch to epoch: schedules, saturation, phases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from cnntrain.training.metrics import Row
from cnntrain.training.stopping import StoppingRule
from cnntrain.training.trainer import Trainer


class Tell(Protocol):
    """Who records a change: a note for people, and an event with its details."""

    def __call__(self, note: str, event: str, **details: Any) -> None: ...


class Pace:
    """Lowers a trainer's rate where progress saturates, and leads it from phase to phase."""

    def __init__(self, trainer: Trainer, rules: Sequence[StoppingRule], tell: Tell) -> None:
        self.trainer, self.rules, self.tell = trainer, rules, tell

    def begin_epoch(self, last: Row | None) -> None:
        """Tell where a stepwise schedule gives another rate than in the `last` epoch."""
        at, phase = self.trainer.at, self.trainer.phase
        if last is None or at.batch > 0 or at.phase_epoch == at.epoch or not phase.stepwise:
            return
        t = self.trainer.phase_time
        if phase.schedule(t) != phase.schedule(t - 1):
            self._tell_rate(last.learning_rate, self.trainer.rate, "schedule")

    def end_epoch(self, row: Row) -> None:
        """Lower the rate, or go to the next phase, where the epoch's `row` asks for it."""
        trainer, phase = self.trainer, self.trainer.phase
        plateau = phase.plateau
        saturated = plateau is not None and plateau.update(row.value(plateau.monitor))
        ended = phase.epochs is not None and row.epoch - trainer.at.phase_epoch >= phase.epochs
        if ended or (saturated and phase.until_plateau):
            if trainer.at.phase + 1 < len(trainer.phases):
                self._next_phase("epochs" if ended else "plateau")
        elif saturated and plateau is not None:
            old = trainer.rate
            if plateau.lower(phase.schedule(trainer.phase_time)):
                self._tell_rate(old, trainer.rate, "plateau")

    def _next_phase(self, cause: str) -> None:
        self.trainer.next_phase()
        for rule in self.rules:
            rule.reset()
        number, rate = self.trainer.at.phase + 1, self.trainer.rate
        note = f"phase {number} begins ({cause}), learning rate {rate:g}"
        self.tell(note, "phase", phase=number, cause=cause, learning_rate=rate)

    def _tell_rate(self, old: float, new: float, cause: str) -> None:
        note = f"learning rate {old:g} -> {new:g} ({cause})"
        self.tell(note, "learning_rate", old=old, new=new, cause=cause)
