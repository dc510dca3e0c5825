"""Acting on what people ask a run for, or on what a script of such requests says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnntrain.training.control import Action, Control, Due, StopRequested, recorded_here, steering
from cnntrain.training.pace import Tell
from cnntrain.training.rundir import RunDirectory
from cnntrain.training.trainer import Trainer


class Steering:
    """Steers a trainer by the requests in a run directory, and by a `replay`: actions, each with
    the number of steps taken before it."""

    def __init__(
        self,
        trainer: Trainer,
        directory: RunDirectory,
        replay: Sequence[tuple[int, Action]],
        tell: Tell,
        save: Callable[[], None],
    ) -> None:
        self.trainer, self.directory, self.replay = trainer, directory, replay
        self.tell, self.save = tell, save
        self.control = Control(directory.control)

    def begin(self) -> None:
        """Take up the script: the actions of this run that its checkpoint does not hold, and
        those of the run to be replayed that this one has not taken yet."""
        records = recorded_here(self.directory.events)
        self.control.forget([record.request for record in records])
        own = steering(records)
        known = [Due(step, action, True) for step, action in own[self.trainer.at.actions :]]
        script = [Due(step, action, False) for step, action in self.replay[len(own) :]]
        self.control = Control(self.directory.control, known + script)

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

    def _change_rate(self, due: Due) -> None:
        trainer, old = self.trainer, self.trainer.rate
        factor = due.action.factor(trainer.at.factor, old)
        note = f"learning rate {old:g} -> {old * factor / trainer.at.factor:g} (by hand)"
        if not due.known:
            self._record(due, note)
        trainer.steer(factor)

    def _record(self, due: Due, note: str) -> None:
        request = {} if due.request is None else {"request": due.request.name}
        self.tell(note, "control", action=due.action.text, **request)
        due.done()
