"""Acting on what people ask a run for, or on what a script of such requests says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnntrain.training.control.requests import (
    Action,
    Control,
    Due,
    StopRequested,
    recorded_here,
    steering,
)
from cnntrain.training.journal import Journal
from cnntrain.training.trainer import Trainer


class Steering:
    """Steers a trainer by the requests in a run directory, and by a `replay`: actions, each with
    the number of steps taken before it."""

    def __init__(
        self,
        trainer: Trainer,
        control: Control,
        replay: Sequence[tuple[int, Action]],
        journal: Journal,
        save: Callable[[], None],
    ) -> None:
        self.trainer, self.control, self.replay = trainer, control, replay
        self.journal, self.save = journal, save

    def begin(self) -> None:
        """Take up the script: the actions of this run that its checkpoint does not hold, and
        those of the run to be replayed that this one has not taken yet.  Drop the requests that
        came too late for an earlier process."""
        records = recorded_here(self.journal.directory.events)
        self.control.forget([record.request for record in records])
        for due in self.control.asked(self.trainer.at.step):
            if due.request is not None and due.request.name in self.control.stale:
                self._drop(due, "it came too late")
        own = steering(records)
        self.control.script.extend(
            Due(step, action, True) for step, action in own[self.trainer.at.actions :]
        )
        self.control.script.extend(
            Due(step, action, False) for step, action in self.replay[len(own) :]
        )

    def act(self) -> None:
        """Do what is due before the next step; StopRequested to leave."""
        for due in self.control.due(self.trainer.at.step):
            if due.action.steers:
                self._change_rate(due)
                continue
            self._record(due, f"{due.action.text} (by hand)")
            self.save()
            if due.action.text == "stop":
                raise StopRequested

    def end(self, complete: bool) -> None:
        """Drop the requests for which no step is left; in a run that is `complete`, what is left of
        the script, too."""
        for due in self.control.asked(self.trainer.at.step):
            self._drop(due, "it came too late")
        for due in self.control.script if complete else ():
            self._drop(due, f"its step {due.step:,} was not reached")

    def _change_rate(self, due: Due) -> None:
        trainer, old = self.trainer, self.trainer.rate
        factor = due.action.factor(trainer.at.factor, old)
        if factor is None:
            self._drop(due, f"no finite factor > 0 takes the learning rate from {old:g} there")
            return
        note = f"learning rate {old:g} -> {old * factor / trainer.at.factor:g} (by hand)"
        if not due.known:
            self._record(due, note)
        trainer.steer(factor)

    def _record(self, due: Due, note: str) -> None:
        request = {} if due.request is None else {"request": due.request.name}
        self.journal.tell(note, "control", action=due.action.text, **request)
        due.done()

    def _drop(self, due: Due, reason: str) -> None:
        self.journal.warn(f"{due.action.text} was not acted on: {reason}")
        due.done()
