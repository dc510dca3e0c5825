"""One run under way: training, its rules for stopping, and the files it leaves."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cnntrain.build import build_network, build_phases
from cnntrain.config import Config, config_for_checkpoint, dump
from cnntrain.data import Batches, load_dataset
from cnntrain.errors import (
    CheckpointError,
    CnntrainError,
    DivergedError,
    Interrupted,
    StorageError,
    shortages,
)
from cnntrain.nn.losses import Sums
from cnntrain.text import printable
from cnntrain.training import state
from cnntrain.training.candidates import Saved
from cnntrain.training.changes import Changes
from cnntrain.training.control import Action, StopRequested
from cnntrain.training.metrics import Row, Step, Timing, peak_memory
from cnntrain.training.pace import Pace
from cnntrain.training.progress import Plan, Progress
from cnntrain.training.provenance import elsewhere, provenance
from cnntrain.training.resume import read_summary
from cnntrain.training.rundir import RunDirectory
from cnntrain.training.scores import Scores
from cnntrain.training.signals import Signals
from cnntrain.training.steering import Steering
from cnntrain.training.stopping import End, check_monitors, stopping_rules
from cnntrain.training.summary import Summary
from cnntrain.training.trainer import Trainer


class Run:
    """Everything that one run needs, made from its config; `train` lets it go."""

    def __init__(
        self,
        config: Config,
        directory: RunDirectory,
        progress: Progress,
        signals: Signals,
        replay: Sequence[tuple[int, Action]] = (),
    ) -> None:
        self.config, self.directory, self.progress = config, directory, progress
        self.signals = signals
        self.dataset = load_dataset(config.data)
        check_monitors(config, self.dataset)
        network = build_network(config, self.dataset.input_shape, self.dataset.outputs)
        batches = Batches(len(self.dataset.train), config.batch_size, config.seed, config.drop_last)
        phases = build_phases(config, network, batches.steps_per_epoch)
        self.trainer = Trainer(network, self.dataset, batches, phases, config.seed)
        self.rules = stopping_rules(config)
        self.pace = Pace(self.trainer, self.rules, self._tell)
        self.scores = Scores(config, self.dataset, self.trainer)
        self.steering = Steering(self.trainer, directory, replay, self._tell, self._save_step)
        self.row: Row | None = None  # of the last complete epoch
        directory.choose_tables(config.evaluate_train == "full", config.record_steps != "none")
        self.summary = Summary(str(directory.path), config.seed, network.parameters.count)
        self.ended: End | None = None  # by a rule, at the last complete epoch
        self.saved = 0  # the step of the last checkpoint in the middle of an epoch
        self.started = time.monotonic()
        self.spent = 0.0  # seconds of earlier processes

    def begin(self, details: Mapping[str, Any], changes: Changes | None) -> None:
        """Write what is known before the first step; `changes` of the settings since a run that
        left no checkpoint to go on from."""
        if changes is not None:
            self.change_settings(changes, 0)
        about = {**provenance(self.trainer.network, self.dataset), **details}
        self.directory.begin(dump(self.config), about, self.dataset.split)
        self._event("start")
        for warning in (*self.config.remarks, *self.dataset.warnings):
            self._tell(f"warning: {warning}", "warning", message=warning)

    def check_space(self) -> None:
        """Raise StorageError unless there is space for the checkpoints that will be kept."""
        self.directory.check_space(state.size(self), self.config.checkpoint.keep + 1)

    def restore(self, saved: Saved, changes: Changes) -> None:
        """Go on from a checkpoint, with the tables as they were then, and with `changes` of the
        settings.

        Raises CheckpointError where it does not fit.
        """
        said, name = saved.metadata, printable(saved.path.name)
        refit = said["config"] != config_for_checkpoint(self.config)
        try:
            state.restore(self, saved, refit)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{name} does not fit this run: {printable(error)}") from None
        self.directory.make_folders()
        saved.settle(self.directory)
        self.directory.go_back(said["metrics"], said["epoch"], said["step"])
        self.spent = (read_summary(self.directory) or {}).get("seconds", 0.0)
        self._event("resume", checkpoint=saved.path.name)
        self.progress.note(f"going on after step {self.trainer.at.step:,} from {name}")
        for difference in elsewhere(self.directory.provenance()):
            self._tell(f"warning: {difference}", "warning", message=difference)
        self.change_settings(changes, saved.epoch)
        if self.ended is not None and refit and self.row is not None:  # what ended it, no longer
            self.ended = None
            self.pace.end_epoch(self.row)

    def change_settings(self, changes: Changes, epoch: int) -> None:
        """Record changed settings, and make them those of the run; go on after `epoch`."""
        if changes:
            self._event("settings", changes=changes.details())
            if changes.forced:
                self.directory.forget_after(epoch)
            self._write_summary()  # no longer that of a complete run
            self.directory.change(dump(self.config), self.dataset.split)

    def train(self) -> dict[str, Any]:
        """Train to the end, whatever it is, and leave a summary that says which."""
        self.steering.begin()
        self._write_summary()
        self.progress.begin(self._plan())
        try:
            with shortages(), self.signals.put_off():
                self._epochs()
        except DivergedError as error:
            self._end("diverged", str(error), error.exit_code)
            raise
        except (Interrupted, KeyboardInterrupt) as signal:
            self._end("interrupted", f"by {str(signal) or 'SIGINT'}", None)
            raise
        except StopRequested:
            self._end("stopped", f"by hand after step {self.trainer.at.step:,}", 7)
        except Exception as error:
            self._fail(error)
            raise
        finally:
            self.progress.end()
        self.signals.act()  # one that came too late to stop anything here
        return self.summary.as_dict()

    # What the trainer tells while an epoch runs -----------------------------------------------

    def before_step(self) -> None:
        """A point at which the run can be taken up again."""
        at, every = self.trainer.at, self.config.checkpoint.every_steps
        self.steering.act()
        due = every != "none" and at.step % every == 0 and at.step != self.saved
        if (asked := self.signals.take_save()) is not None:
            self._tell(f"checkpoint (by {asked})", "checkpoint", cause=asked)
        if due or asked or self.signals.pending is not None:
            self._save_step()
        self.signals.act()

    def _save_step(self) -> None:
        """Write a checkpoint here, unless the epoch before left one."""
        if self.trainer.at.batch == 0:
            return
        self.directory.save_step(state.save(self), self.trainer.at.step)
        self.saved = self.trainer.at.step

    def wants(self, step: int) -> bool:
        """Whether steps.csv has a row for this step."""
        every = self.config.record_steps
        return every != "none" and step % every == 0

    def record(self, step: Step) -> None:
        """Write a row of steps.csv."""
        self.directory.add_step(step)

    def after_step(self, epoch: int, batch: int, running: Sums, rate: float) -> None:
        """Pass it on."""
        self.progress.step(epoch, batch, running, rate)

    # Epochs -----------------------------------------------------------------------------------

    def _epochs(self) -> None:
        """Epoch after epoch until the last one, or until a rule says to stop."""
        end = self.ended
        while end is None and (self.trainer.at.epoch < self.config.epochs or self.trainer.at.batch):
            end = self._epoch()
        end = end or End("finished", f"all {self.config.epochs} epochs done", 0)
        self._end(end.status, end.reason, end.exit_code)

    def _epoch(self) -> End | None:
        """One epoch and everything written about it; why to stop after it, if so.

        The order matters: the counters are brought up to date before they are saved, and the
        metrics row is on the disk before the checkpoint that counts it.
        """
        trainer, start, done = self.trainer, time.monotonic(), self.trainer.running.samples
        self.pace.begin_epoch(self.row)
        done = done if trainer.at.batch else 0
        epoch = trainer.run_epoch(self)
        speed = (epoch.running.samples - done) / (time.monotonic() - start)
        row = self.row = self.scores.row(epoch)
        best = self.scores.is_best(row)
        self.summary.add(row, best)
        ends = self._ends(row)
        self.ended = next((end for end in ends if end.exit_code == 0), None)
        if self.ended is None:  # the run goes on, now or later
            self.pace.end_epoch(row)
        self.directory.add_row(row)
        self.directory.save_epoch(
            state.save(self), row.epoch, self.summary.best_epoch, self.config.checkpoint.keep
        )
        timing = Timing(
            row.epoch,
            round(time.monotonic() - start, 3),
            round(speed, 1),
            epoch.gradients,
            epoch.losses,
            epoch.products,
            peak_memory(),
        )
        self.directory.add_timing(timing)
        self.progress.epoch(row, timing, best)
        if not ends:
            self._write_summary()
        return ends[0] if ends else None

    def _ends(self, row: Row) -> list[End]:
        """What each rule that says to stop gives as the end."""
        seconds = time.monotonic() - self.started
        asked = [(rule, rule.update(row, seconds)) for rule in self.rules]
        best = f", best at epoch {self.summary.best_epoch}"
        return [
            End(
                rule.status,
                reason + (best if rule.status == "early_stopped" else ""),
                rule.exit_code,
            )
            for rule, reason in asked
            if reason is not None
        ]

    def _plan(self) -> Plan:
        return Plan(
            run=str(self.directory.path),
            epochs=self.config.epochs,
            steps_per_epoch=self.trainer.batches.steps_per_epoch,
            samples_per_epoch=self.trainer.batches.samples_per_epoch,
            parameters=self.trainer.network.parameters.count,
            classification=self.dataset.classes is not None,
        )

    def _event(self, event: str, **details: Any) -> None:
        at = self.trainer.at
        self.directory.add_event(event, epoch=at.epoch, step=at.step, **details)

    def _tell(self, note: str, event: str, **details: Any) -> None:
        """Record an event and show it."""
        self._event(event, **details)
        self.progress.note(note)

    def _end(self, status: str, reason: str, exit_code: int | None) -> None:
        self.summary.end(status, reason, exit_code)
        self._event("stop", status=status, reason=reason)
        self._write_summary()
        if status != "diverged":  # an error says what it is
            again = "" if exit_code == 0 else " (--resume goes on)"
            self.progress.note(f"{status.replace('_', ' ')}: {reason}{again}")

    def _fail(self, error: Exception) -> None:
        """Say so as far as that can be written: what failed may be the disk."""
        code = error.exit_code if isinstance(error, CnntrainError) else CnntrainError.exit_code
        reason = str(error) or type(error).__name__
        self.summary.end("failed", reason, code)
        with contextlib.suppress(StorageError):
            self._event("stop", status="failed", reason=reason)
        with contextlib.suppress(StorageError):
            self._write_summary()

    def _write_summary(self) -> None:
        self.summary.seconds = self.spent + time.monotonic() - self.started
        self.directory.write_summary(self.summary.as_dict())
