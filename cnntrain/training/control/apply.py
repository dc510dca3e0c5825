"""The effect on training of the actions that people ask for."""

from __future__ import annotations

from cnntrain.training.control.requests import PendingAction
from cnntrain.training.event import Event, warning
from cnntrain.training.trainer import Trainer


def apply(pending: PendingAction, trainer: Trainer) -> Event | None:
    """Change the rate if the action says so; the event to record, None where it is recorded.

    To save a checkpoint or to stop is left to the caller.
    """
    action, old = pending.action, trainer.rate
    note = f"{action.text} (by hand)"
    if action.changes_rate:
        factor = action.factor(trainer.position.factor, old)
        if factor is None:
            reason = f"no finite factor > 0 takes the learning rate from {old:g} there"
            return dropped(pending, reason)
        new = old * factor / trainer.position.factor
        note = f"learning rate {old:g} -> {new:g} (by hand)"
        trainer.scale_rate(factor)
    if pending.recorded:
        return None
    request = {} if pending.request is None else {"request": pending.request.name}
    return Event("control", note, {"action": action.text, **request})


def dropped(pending: PendingAction, reason: str) -> Event:
    """The warning that an action was not acted on."""
    return warning(f"{pending.action.text} was not acted on: {reason}")
