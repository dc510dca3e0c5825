"""How the learning rate changes from epoch to epoch: schedules, saturation, phases."""

from __future__ import annotations

from collections.abc import Sequence

from cnntrain.optim.stopping import StoppingCounter
from cnntrain.runs.metrics import Row
from cnntrain.training.journal import Journal
from cnntrain.training.stopping import End
from cnntrain.training.trainer import Trainer


class Pace:
    """Lowers a trainer's rate where progress saturates, and leads it from phase to phase."""

    def __init__(
        self, trainer: Trainer, rules: Sequence[StoppingCounter], journal: Journal
    ) -> None:
        self.trainer, self.rules, self.journal = trainer, rules, journal

    def end_epoch(self, row: Row) -> End | None:
        """Prepare for the epoch after that of `row`: tell of a fall in the schedule, lower the
        rate, go to the next phase; the end where the last phase is over."""
        trainer, phase = self.trainer, self.trainer.phase
        plateau = phase.plateau
        saturated = plateau is not None and plateau.update(row.value(plateau.monitor))
        over = phase.epochs is not None and row.epoch - trainer.at.phase_epoch >= phase.epochs
        if over or (saturated and phase.until_plateau):
            return self._end_phase("epochs" if over else "plateau")
        if phase.falls(trainer.phase_time):
            self._tell_rate(row.learning_rate, "schedule")
        if saturated and plateau is not None:
            old = trainer.rate
            if plateau.lower(phase.scheduled(trainer.phase_time)):
                self._tell_rate(old, "plateau")
        return None

    def _end_phase(self, cause: str) -> End | None:
        trainer, number = self.trainer, self.trainer.at.phase + 1
        if number == len(trainer.phases):
            return End("finished", f"phase {number}, the last one, is over ({cause})", 0)
        trainer.next_phase()
        for rule in self.rules:
            rule.reset()
        rate = trainer.rate
        note = f"phase {number + 1} begins ({cause}), learning rate {rate:g}"
        self.journal.tell(note, "phase", phase=number + 1, cause=cause, learning_rate=rate)
        return None

    def _tell_rate(self, old: float, cause: str) -> None:
        """The rate of the next step is another one than `old`, unless a minimum keeps it."""
        new = self.trainer.rate
        if new != old:
            note = f"learning rate {old:g} -> {new:g} ({cause})"
            self.journal.tell(note, "learning_rate", old=old, new=new, cause=cause)
