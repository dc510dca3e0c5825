"""One run under way: training, its rules for stopping, and the files it leaves."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cnntrain.build import build_network, build_phases
from cnntrain.config import Config, dump
from cnntrain.data import Batches, Dataset, load_dataset
from cnntrain.errors import CnntrainError, ConfigError, DivergedError, Interrupted
from cnntrain.nn.losses import Sums
from cnntrain.training import checkpoint, state
from cnntrain.training.metrics import Row, Timing
from cnntrain.training.progress import Plan, Progress
from cnntrain.training.provenance import provenance
from cnntrain.training.rundir import RunDirectory
from cnntrain.training.signals import PutOff
from cnntrain.training.stopping import Best, stopping_rules
from cnntrain.training.summary import Summary
from cnntrain.training.trainer import Epoch, Trainer


class Run:
    """Everything that one run needs, made from its config; `train` lets it go."""

    def __init__(self, config: Config, directory: RunDirectory, progress: Progress) -> None:
        self.config, self.directory, self.progress = config, directory, progress
        self.dataset = load_dataset(config.data)
        _check_monitors(config, self.dataset)
        network = build_network(config, self.dataset.input_shape, self.dataset.outputs)
        batches = Batches(len(self.dataset.train), config.batch_size, config.seed, config.drop_last)
        phases = build_phases(config, network)
        self.trainer = Trainer(network, self.dataset, batches, phases, config.seed)
        self.rules = stopping_rules(config)
        self.best = Best()
        self.row: Row | None = None  # of the last complete epoch
        self.summary = Summary(str(directory.path), config.seed, network.parameters.count)
        self.signals = PutOff()
        self.started = time.monotonic()

    def begin(self, details: Mapping[str, Any]) -> None:
        """Write what is known before the first step."""
        about = {**provenance(self.trainer.network, self.dataset), **details}
        self.directory.begin(dump(self.config), about, self.dataset.split)
        self._event("start")
        for warning in self.dataset.warnings:
            self._event("warning", message=warning)
            self.progress.note(f"warning: {warning}")

    def train(self) -> dict[str, Any]:
        """Train to the end, whatever it is, and leave a summary that says which."""
        self._write_summary()
        self.progress.begin(self._plan())
        try:
            with self.signals:
                self._epochs()
        except DivergedError as error:
            self._end("diverged", str(error), error.exit_code)
            raise
        except (Interrupted, KeyboardInterrupt) as signal:
            self._end("interrupted", f"by {str(signal) or 'SIGINT'}", None)
            raise
        except Exception as error:
            code = error.exit_code if isinstance(error, CnntrainError) else CnntrainError.exit_code
            self._end("failed", str(error) or type(error).__name__, code)
            raise
        finally:
            self.progress.end()
        return self.summary.as_dict()

    def _epochs(self) -> None:
        """Epoch after epoch until the last one, or until a rule says to stop."""
        while self.trainer.at.epoch < self.config.epochs or self.trainer.at.batch:
            if self._epoch():
                return
        self._end("finished", f"all {self.config.epochs} epochs done", 0)

    def _epoch(self) -> bool:
        """One epoch and everything written about it; whether to stop after it.

        The order matters: the counters are brought up to date before they are saved, and the
        metrics row is on the disk before the checkpoint that counts it.
        """
        trainer, start, done = self.trainer, time.monotonic(), self.trainer.running.samples
        self._announce_fall()
        done = done if trainer.at.batch else 0
        epoch = trainer.run_epoch(self.progress, self._between_steps)
        speed = (epoch.running.samples - done) / (time.monotonic() - start)
        row = self.row = self._row(epoch, trainer.measure(self.dataset.validation))
        best = self._is_best(row)
        reasons = self._reasons(row)
        if not reasons:
            self._saturation(row)
        self.directory.add_row(row)
        self.summary.add(row, best)
        self.directory.save_checkpoint(
            self._checkpoint(), row.epoch, self.summary.best_epoch, self.config.checkpoint.keep
        )
        seconds = time.monotonic() - start
        timing = Timing(row.epoch, round(seconds, 3), round(speed, 1))
        self.directory.add_timing(timing)
        self.progress.epoch(row, timing, best)
        if reasons:
            self._end(*reasons[0])
        else:
            self._write_summary()
        return bool(reasons)

    def _reasons(self, row: Row) -> list[tuple[str, str, int]]:
        """Status, reason and exit code of each rule that says to stop."""
        seconds = time.monotonic() - self.started
        asked = [(rule, rule.update(row, seconds)) for rule in self.rules]
        best = f", best at epoch {self.summary.best_epoch or row.epoch}"
        return [
            (rule.status, reason + (best if rule.status == "early_stopped" else ""), rule.exit_code)
            for rule, reason in asked
            if reason is not None
        ]

    def _saturation(self, row: Row) -> None:
        """Lower the rate, or go to the next phase, where progress asks for it."""
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
        self._event("phase", phase=number, cause=cause, learning_rate=rate)
        self.progress.note(f"phase {number} begins ({cause}), learning rate {rate:g}")

    def _announce_fall(self) -> None:
        """A stepwise schedule that gives another rate than the last epoch's is an event."""
        at, rate = self.trainer.at, self.trainer.rate
        inside = self.row is not None and at.batch == 0 and at.phase_epoch < at.epoch
        if inside and self.row is not None and self.trainer.phase.stepwise:
            before = self.trainer.phase.schedule(self.trainer.phase_time - 1)
            now = self.trainer.phase.schedule(self.trainer.phase_time)
            if now != before:
                self._tell_rate(self.row.learning_rate, rate, "schedule")

    def _tell_rate(self, old: float, new: float, cause: str) -> None:
        self._event("learning_rate", old=old, new=new, cause=cause)
        self.progress.note(f"learning rate {old:g} -> {new:g} ({cause})")

    def _between_steps(self) -> None:
        """A point at which the run can be taken up again."""
        if self.signals.pending is not None:
            self.signals.act()

    def _row(self, epoch: Epoch, validation: Sums | None) -> Row:
        classify, at = self.dataset.classes is not None, self.trainer.at
        return Row(
            epoch=at.epoch,
            step=at.step,
            samples=at.samples,
            learning_rate=epoch.rate,
            train_loss=epoch.running.risk,
            train_error=epoch.running.error if classify else None,
            validation_loss=validation.risk if validation else None,
            validation_error=validation.error if validation and classify else None,
            step_norm=epoch.step_norm,
        )

    def _is_best(self, row: Row) -> bool:
        """Whether this epoch is the best so far; without a validation part the last one is."""
        if row.validation_loss is None:
            return True
        stopping = self.config.early_stopping
        by_class = "validation_loss" if self.dataset.classes is None else "validation_error"
        monitor = by_class if stopping == "none" else stopping.monitor
        return self.best.update(row.epoch, row.value(monitor), row.validation_loss)

    def _checkpoint(self) -> bytes:
        about = {
            **state.metadata(self.config, self.dataset, self.trainer),
            "row": None if self.row is None else asdict(self.row),
            "rules": [rule.state() for rule in self.rules],
            "best": self.summary.best,
        }
        return checkpoint.encode(state.arrays(self.trainer), about)

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

    def _end(self, status: str, reason: str, exit_code: int | None) -> None:
        self.summary.end(status, reason, exit_code)
        self._event("stop", status=status, reason=reason)
        self._write_summary()
        self.progress.note(f"{status.replace('_', ' ')}: {reason}")

    def _write_summary(self) -> None:
        self.summary.seconds = time.monotonic() - self.started
        self.directory.write_summary(self.summary.as_dict())


def _check_monitors(config: Config, dataset: Dataset) -> None:
    """What is monitored must exist: a validation part, class labels to count errors on."""
    if config.early_stopping == "none":
        return
    if dataset.validation is None:
        problem = "early stopping needs a validation part, but there is none"
        remedy = "set data.validation, or early_stopping: none"
    elif dataset.classes is None and config.early_stopping.monitor == "validation_error":
        problem = "validation_error needs class labels, but the targets are real numbers"
        remedy = "monitor: validation_loss"
    else:
        return
    raise ConfigError([f"{config.locate(('early_stopping',))}: error: {problem} ({remedy})"])
