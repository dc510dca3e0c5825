"""One run under way: training, its rules for stopping, and the files it leaves."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cnntrain.build import build_phases
from cnntrain.config import Config, config_for_checkpoint, dump
from cnntrain.errors import (
    CheckpointError,
    DivergedError,
    Interrupted,
    shortages,
)
from cnntrain.nn.sums import Sums
from cnntrain.prepare import prepare
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.metrics import Row, StepRow, Timing, peak_memory
from cnntrain.runs.provenance import machine_differences, provenance
from cnntrain.runs.summary import EMPTY_SUMMARY, Summary
from cnntrain.text import printable
from cnntrain.training import state
from cnntrain.training.control.apply import Steering
from cnntrain.training.control.requests import Action, Control, StopRequested
from cnntrain.training.epoch_metrics import Scores
from cnntrain.training.journal import Journal
from cnntrain.training.monitor_checks import check_monitors
from cnntrain.training.phase_switch import Pace
from cnntrain.training.progress import Plan, Progress
from cnntrain.training.resume.changes import Changes
from cnntrain.training.resume.checkpoint_selection import ResumePoint
from cnntrain.training.signals import Signals
from cnntrain.training.stopping import End, stopping_rules
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
        control = Control(directory.control)
        self.dataset, network, batches = prepare(config)
        check_monitors(config, self.dataset)
        phases = build_phases(config, network, batches.steps_per_epoch)
        self.trainer = Trainer(network, self.dataset, batches, phases, config.seed)
        self.summary = Summary.begin(directory.path, config.seed, network.parameters.count)
        self.journal = Journal(self.trainer, directory, progress, self.summary)
        self.rules = stopping_rules(config)
        self.pace = Pace(self.trainer, self.rules, self.journal)
        self.scores = Scores(config, self.dataset, self.trainer)
        self.steering = Steering(self.trainer, control, replay, self.journal, self._save_step)
        self.row: Row | None = None  # of the last complete epoch
        directory.choose_tables(config.evaluate_train == "full", config.record_steps != "none")
        self.ended: End | None = None  # at the last complete epoch
        self.saved = 0  # the step of the last checkpoint in the middle of an epoch

    def begin(self, details: Mapping[str, Any], changes: Changes | None) -> None:
        """Write what is known before the first step; `changes` of the settings since a run that
        left no checkpoint to go on from."""
        if changes is not None:
            self.change_settings(changes, 0)
        about = {**provenance(self.trainer.network, self.dataset), **details}
        self.directory.begin(dump(self.config), about, self.dataset.split)
        self.journal.event("start")
        for warning in (*self.config.remarks, *self.dataset.warnings):
            self.journal.warn(warning)

    def check_space(self) -> None:
        """Raise StorageError unless there is space for the checkpoints that will be kept."""
        self.directory.check_space(state.size(self), self.config.checkpoint.keep + 1)

    def restore(self, point: ResumePoint, changes: Changes) -> None:
        """Go on from a checkpoint, with the tables as they were then, and with `changes` of the
        settings.

        Raises CheckpointError where it does not fit.
        """
        record, name = point.checkpoint.record, printable(point.path.name)
        settings_changed = record.config != config_for_checkpoint(self.config)
        try:
            state.restore(self, point.checkpoint, settings_changed)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{name} does not fit this run: {printable(error)}") from None
        self.directory.make_folders()
        point.relink(self.directory.checkpoints)
        self.directory.truncate_to(record)
        self.journal.spent = (self.directory.read_summary() or EMPTY_SUMMARY).seconds
        self.journal.event("resume", checkpoint=point.path.name)
        self.journal.note(f"going on after step {self.trainer.at.step:,} from {name}")
        for difference in machine_differences(self.directory.read_provenance()):
            self.journal.warn(difference)
        self.change_settings(changes, record.epoch)
        over = self.ended is not None or self.trainer.at.completed >= self.config.epochs
        if over and settings_changed and self.row is not None:  # with the settings before
            self.ended = self._go_on(self.row)

    def change_settings(self, changes: Changes, epoch: int) -> None:
        """Record changed settings, and make them those of the run; go on after `epoch`."""
        if changes:
            self.journal.event("settings", changes=changes.details())
            if changes.forced:
                self.directory.checkpoints.forget_after(epoch)
            self.journal.write_summary()  # no longer that of a complete run
            self.directory.change(dump(self.config), self.dataset.split)

    def train(self) -> dict[str, Any]:
        """Train to the end, whatever it is, and leave a summary that says which."""
        self.steering.begin()
        self.journal.write_summary()
        self.progress.begin(self._plan())
        try:
            with shortages(), self.signals.put_off():
                self._end(*self._epochs())
        except DivergedError as error:
            self._end("diverged", str(error), error.exit_code)
            raise
        except (Interrupted, KeyboardInterrupt) as signal:
            self._end("interrupted", f"by {str(signal) or 'SIGINT'}", None)
            raise
        except StopRequested:
            self._end("stopped", f"by hand after step {self.trainer.at.step:,}", 7)
        except Exception as error:
            self.journal.fail(error)
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
            self.journal.tell(f"checkpoint (by {asked})", "checkpoint", cause=asked)
        if due or asked or self.signals.pending is not None:
            self._save_step()
        self.signals.act()

    def _save_step(self) -> None:
        """Write a checkpoint here, unless the epoch before left one."""
        if self.trainer.at.batch == 0:
            return
        self.directory.checkpoints.save_step(state.save(self), self.trainer.at.step)
        self.saved = self.trainer.at.step

    def wants(self, step: int) -> bool:
        """Whether steps.csv has a row for this step."""
        every = self.config.record_steps
        return every != "none" and step % every == 0

    def record(self, step: StepRow) -> None:
        """Write a row of steps.csv."""
        self.directory.add_step(step)

    def after_step(self, epoch: int, batch: int, running: Sums, rate: float) -> None:
        """Pass it on."""
        self.progress.step(epoch, batch, running, rate)

    # Epochs -----------------------------------------------------------------------------------

    def _epochs(self) -> End:
        """Epoch after epoch until the run is complete or its time is over; which of them."""
        minutes = self.config.max_minutes
        while self.ended is None:
            self._epoch()
            over = minutes != "none" and self.journal.seconds >= 60 * minutes
            if self.ended is None and over:
                return End("time_limit", f"{minutes:g} minutes are over", 7)
        return self.ended

    def _epoch(self) -> None:
        """One epoch and everything written about it.

        The order matters: the counters are brought up to date before they are saved, and the
        metrics row is on the disk before the checkpoint that counts it.
        """
        trainer, start = self.trainer, time.monotonic()
        before = trainer.seen  # by an earlier process
        epoch = trainer.run_epoch(self)
        speed = (epoch.running.samples - before) / (time.monotonic() - start)
        row = self.row = self.scores.row(epoch)
        best = self.scores.is_best(row)
        self.summary.add(row, best)
        with self.journal.notes_below():
            self.ended = self._stopped(row) or self._go_on(row)
            self.directory.add_row(row)
            self.directory.checkpoints.save_epoch(
                state.save(self), row.epoch, self.summary.best_epoch, self.config.checkpoint.keep
            )
            timing = Timing(
                epoch=row.epoch,
                seconds=round(time.monotonic() - start, 3),
                samples_per_second=round(speed, 1),
                **dataclasses.asdict(epoch.cost),
                peak_mib=peak_memory(),
            )
            self.directory.add_timing(timing)
            self.progress.epoch(row, timing, best)
        if self.ended is None:
            self.journal.write_summary()

    def _stopped(self, row: Row) -> End | None:
        """Why a rule says to stop after this epoch, the first of them; all are told of it."""
        asked = [(rule.status, rule.update(row)) for rule in self.rules]
        for status, reason in asked:
            if reason is not None:
                best = f", best at epoch {self.summary.best_epoch}"
                return End(status, reason + (best if status == "early_stopped" else ""), 0)
        return None

    def _go_on(self, row: Row) -> End | None:
        """Prepare for the next epoch; the end where there is none."""
        if row.epoch >= self.config.epochs:
            return End("finished", f"all {self.config.epochs} epochs done", 0)
        return self.pace.end_epoch(row)

    def _plan(self) -> Plan:
        trainer = self.trainer
        return Plan(
            run=str(self.directory.path),
            epochs=self.config.epochs,
            steps_per_epoch=trainer.batches.steps_per_epoch,
            samples_per_epoch=trainer.batches.samples_per_epoch,
            samples_done=trainer.seen,
            parameters=trainer.network.parameters.count,
            classification=self.dataset.classes is not None,
        )

    def _end(self, status: str, reason: str, exit_code: int | None) -> None:
        self.steering.end(complete=exit_code == 0)
        self.journal.end(status, reason, exit_code)
