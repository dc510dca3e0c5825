"""One run under way: training, its rules for stopping, and the files it leaves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from cnntrain.build import build_network, build_phases
from cnntrain.config import Config, dump
from cnntrain.data import Batches, load_dataset
from cnntrain.errors import (
    CheckpointError,
    CnntrainError,
    DataError,
    DivergedError,
    Interrupted,
)
from cnntrain.nn.losses import Sums
from cnntrain.text import printable
from cnntrain.training import checkpoint, state
from cnntrain.training.control import Action, StopRequested
from cnntrain.training.metrics import Row, Step, Timing, peak_memory
from cnntrain.training.pace import Pace
from cnntrain.training.progress import Plan, Progress
from cnntrain.training.provenance import provenance
from cnntrain.training.resume import Saved
from cnntrain.training.rundir import RunDirectory
from cnntrain.training.scores import Scores
from cnntrain.training.signals import PutOff
from cnntrain.training.steering import Steering
from cnntrain.training.stopping import check_monitors, stopping_rules
from cnntrain.training.summary import Summary, point
from cnntrain.training.trainer import Trainer


class Run:
    """Everything that one run needs, made from its config; `train` lets it go."""

    def __init__(
        self,
        config: Config,
        directory: RunDirectory,
        progress: Progress,
        replay: Sequence[tuple[int, Action]] = (),
    ) -> None:
        self.config, self.directory, self.progress = config, directory, progress
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
        self.signals = PutOff()
        self.saved = 0  # the step of the last checkpoint in the middle of an epoch
        self.started = time.monotonic()

    def begin(self, details: Mapping[str, Any]) -> None:
        """Write what is known before the first step."""
        about = {**provenance(self.trainer.network, self.dataset), **details}
        self.directory.begin(dump(self.config), about, self.dataset.split)
        self._event("start")
        for warning in (*self.config.remarks, *self.dataset.warnings):
            self._tell(f"warning: {warning}", "warning", message=warning)

    def restore(self, saved: Saved) -> None:
        """Go on from a checkpoint, with the tables as they were then.

        Raises DataError where the data have changed, CheckpointError where it does not fit.
        """
        said, name = saved.metadata, printable(saved.name)
        if said["data_sha256"] != self.dataset.fingerprint:
            raise DataError(f"the data have changed since {name} was written")
        try:
            state.restore(self.trainer, saved.arrays, said)
            for rule in self.rules:
                if rule.START:
                    rule.restore(said["rules"][rule.status])
            self.scores.best.restore(said["best_counter"])
            self.row = None if said["row"] is None else Row(**said["row"])
            self.summary.best = said["best"]
            if self.row is not None:
                self.summary.last = point(self.row)
            self.directory.go_back(said["metrics"], said["epoch"], said["step"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{name} does not fit this run: {printable(error)}") from None
        self._event("resume", checkpoint=saved.name)
        self.progress.note(f"going on after step {self.trainer.at.step:,} from {name}")

    def train(self) -> dict[str, Any]:
        """Train to the end, whatever it is, and leave a summary that says which."""
        self.steering.begin()
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
        except StopRequested:
            self._end("stopped", f"by hand after step {self.trainer.at.step:,}", 7)
        except Exception as error:
            code = error.exit_code if isinstance(error, CnntrainError) else CnntrainError.exit_code
            self._end("failed", str(error) or type(error).__name__, code)
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
        if due or self.signals.pending is not None:
            self._save_step()
        self.signals.act()

    def _save_step(self) -> None:
        """Write a checkpoint here, unless the epoch before left one."""
        if self.trainer.at.batch == 0:
            return
        self.directory.save_step(self._checkpoint(), self.trainer.at.step)
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
        self.pace.begin_epoch(self.row)
        done = done if trainer.at.batch else 0
        epoch = trainer.run_epoch(self)
        speed = (epoch.running.samples - done) / (time.monotonic() - start)
        row = self.row = self.scores.row(epoch)
        best = self.scores.is_best(row)
        reasons = self._reasons(row)
        if all(exit_code for *_, exit_code in reasons):  # the run goes on, now or later
            self.pace.end_epoch(row)
        self.directory.add_row(row)
        self.summary.add(row, best)
        self.directory.save_epoch(
            self._checkpoint(), row.epoch, self.summary.best_epoch, self.config.checkpoint.keep
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

    def _checkpoint(self) -> bytes:
        about = {
            **state.metadata(self.config, self.dataset, self.trainer),
            "row": None if self.row is None else asdict(self.row),
            "rules": {rule.status: rule.state() for rule in self.rules if rule.START},
            "best": self.summary.best,
            "best_counter": self.scores.best.state(),
            "metrics": self.directory.metrics_state(),
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

    def _tell(self, note: str, event: str, **details: Any) -> None:
        """Record an event and show it."""
        self._event(event, **details)
        self.progress.note(note)

    def _end(self, status: str, reason: str, exit_code: int | None) -> None:
        self.summary.end(status, reason, exit_code)
        self._event("stop", status=status, reason=reason)
        self._write_summary()
        self.progress.note(f"{status.replace('_', ' ')}: {reason}")

    def _write_summary(self) -> None:
        self.summary.seconds = time.monotonic() - self.started
        self.directory.write_summary(self.summary.as_dict())
