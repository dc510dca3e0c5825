"""Changes between two epochs: falls of the schedule, plateaus, phases."""

from __future__ import annotations

from collections.abc import Iterable

from cnntrain.optim.stopping import StoppingCounter
from cnntrain.runs.rows import Row
from cnntrain.training.event import Event
from cnntrain.training.stopping import End
from cnntrain.training.trainer import Trainer


def prepare_next_epoch(
    trainer: Trainer, rules: Iterable[StoppingCounter], row: Row, epochs: int
) -> tuple[list[Event], End | None]:
    """Lower the rate or switch the phase for the epoch after that of `row`.

    rules    counters that start anew with a phase
    epochs   the number after which training is over

    Returns what changed, and the end of training where no epoch follows.
    """
    if row.epoch >= epochs:
        done = f"all {epochs} epochs done" if epochs > 1 else "the one epoch done"
        return [], End("finished", done, 0)
    phase, plateau = trainer.phase, trainer.phase.plateau
    on_plateau = plateau is not None and plateau.update(row.value(plateau.monitor))
    over = phase.epochs is not None and row.epoch - trainer.position.phase_epoch >= phase.epochs
    if over or (on_plateau and phase.until_plateau):
        return _next_phase(trainer, rules, "epochs" if over else "plateau")
    events = []
    # Where both lower it, the schedule comes first: the plateau multiplies what it gives.
    if phase.falls(trainer.phase_time):
        events += _rate_change(row.learning_rate, trainer.rate, "schedule")
    if on_plateau and plateau is not None:
        old = trainer.rate
        if plateau.lower(phase.scheduled(trainer.phase_time)):
            events += _rate_change(old, trainer.rate, "plateau")
    return events, None


def _next_phase(
    trainer: Trainer, rules: Iterable[StoppingCounter], cause: str
) -> tuple[list[Event], End | None]:
    number = trainer.position.phase + 1  # from 1
    if number == len(trainer.phases):
        return [], End("finished", f"phase {number}, the last one, is over ({cause})", 0)
    trainer.next_phase()
    for rule in rules:
        rule.reset()
    rate = trainer.rate
    note = f"phase {number + 1} begins ({cause}), learning rate {rate:g}"
    details = {"phase": number + 1, "cause": cause, "learning_rate": rate}
    return [Event("phase", note, details)], None


def _rate_change(old: float, new: float, cause: str) -> list[Event]:
    """A fall of the rate; none where the minimum of on_plateau keeps it as it is."""
    if new == old:
        return []
    note = f"learning rate {old:g} -> {new:g} ({cause})"
    return [Event("learning_rate", note, {"old": old, "new": new, "cause": cause})]
