"""One run from start to end: what `cnntrain fit` does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cnntrain.build import build_network, build_optimizer, build_schedule
from cnntrain.config import Config, config_for_checkpoint, dump
from cnntrain.data import Batches, Dataset, load_dataset
from cnntrain.errors import (
    CnntrainError,
    ConfigError,
    DivergedError,
    Interrupted,
    RunExistsError,
)
from cnntrain.nn.losses import Sums
from cnntrain.text import printable
from cnntrain.training import checkpoint
from cnntrain.training.metrics import Row, Timing
from cnntrain.training.progress import Plan, Progress
from cnntrain.training.provenance import provenance
from cnntrain.training.resume import completed
from cnntrain.training.rundir import RunDirectory
from cnntrain.training.stopping import Best, Patience
from cnntrain.training.summary import Summary
from cnntrain.training.trainer import Epoch, Trainer


def fit(
    config: Config,
    run: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    provenance_details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train the network of `config` and return the summary, as in `summary.json`.

    run       the run directory, by default runs/<name>
    resume    whether the directory may hold a run already
    progress  is told how training goes; by default nobody is

    Raises DivergedError after the summary is written, and CnntrainError of other kinds.
    """
    path = Path("runs") / config.name if run is None else Path(run)
    with RunDirectory.claim(path) as directory:
        if directory.holds_run():
            if not resume:
                raise RunExistsError(
                    f"{printable(path, 400)} already holds a run "
                    "(choose another directory with --run, or --resume this one)"
                )
            return completed(directory, config, progress or Progress())
        return _Run(config, directory, progress or Progress()).train(provenance_details or {})


class _Run:
    """One run under way: the trainer, its rules for stopping, and the files it leaves."""

    def __init__(self, config: Config, directory: RunDirectory, progress: Progress) -> None:
        self.config, self.directory, self.progress = config, directory, progress
        self.dataset = load_dataset(config.data)
        _check_monitor(config, self.dataset)
        network = build_network(config, self.dataset.input_shape, self.dataset.outputs)
        batches = Batches(len(self.dataset.train), config.batch_size, config.seed, config.drop_last)
        self.trainer = Trainer(
            network,
            self.dataset,
            batches,
            build_optimizer(config, network),
            build_schedule(config),
            config.seed,
        )
        self.best = Best()
        stopping = config.early_stopping
        self.patience = (
            None if stopping == "none" else Patience(stopping.patience, stopping.min_delta)
        )
        self.summary = Summary(str(directory.path), config.seed, network.parameters.count)
        self.started = time.monotonic()

    def train(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """Train to the end, whatever it is, and leave a summary that says which."""
        trainer, dataset = self.trainer, self.dataset
        self.directory.begin(
            dump(self.config),
            {**provenance(trainer.network, dataset), **details},
            dataset.split,
        )
        self.directory.add_event("start", epoch=0, step=0)
        for warning in dataset.warnings:
            self.directory.add_event("warning", message=warning)
            self.progress.note(f"warning: {warning}")
        self._write_summary()
        self.progress.begin(
            Plan(
                run=str(self.directory.path),
                epochs=self.config.epochs,
                steps_per_epoch=trainer.batches.steps_per_epoch,
                samples_per_epoch=trainer.batches.samples_per_epoch,
                parameters=trainer.network.parameters.count,
                classification=dataset.classes is not None,
            )
        )
        try:
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
        """Epoch after epoch until the last one or until patience is exhausted."""
        last_rate: float | None = None
        while self.trainer.epoch < self.config.epochs:
            rate = self.trainer.rate
            if last_rate is not None and rate != last_rate:
                self._event("learning_rate", old=last_rate, new=rate, cause="schedule")
                self.progress.note(f"learning rate {last_rate:g} -> {rate:g} (schedule)")
            last_rate = rate
            exhausted = self._epoch()
            if exhausted:
                assert self.patience is not None
                reason = (
                    f"no improvement of {self._monitor} in {self.patience.misses} epochs, "
                    f"best at epoch {self.summary.best_epoch}"
                )
                self._end("early_stopped", reason, 0)
                return
        self._end("finished", f"all {self.config.epochs} epochs done", 0)

    def _epoch(self) -> bool:
        """One epoch and everything written about it; whether patience is exhausted.

        The order matters: the counters are brought up to date before they are saved, and the
        metrics row is on the disk before the checkpoint that counts it.
        """
        trainer, start = self.trainer, time.monotonic()
        epoch = trainer.run_epoch(self.progress)
        rate = epoch.running.samples / (time.monotonic() - start)
        row = self._row(epoch, trainer.validate())
        best = self._is_best(row)
        exhausted = self.patience is not None and self.patience.update(self._monitored(row))
        self.directory.add_row(row)
        self.summary.add(row, best)
        self.directory.save_checkpoint(
            self._checkpoint(row), row.epoch, self.summary.best_epoch, self.config.checkpoint.keep
        )
        timing = Timing(row.epoch, round(time.monotonic() - start, 3), round(rate, 1))
        self.directory.add_timing(timing)
        self._write_summary()
        self.progress.epoch(row, timing, best)
        return exhausted

    def _row(self, epoch: Epoch, validation: Sums | None) -> Row:
        classify = self.dataset.classes is not None
        return Row(
            epoch=self.trainer.epoch,
            step=self.trainer.step,
            samples=self.trainer.samples,
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
        return self.best.update(row.epoch, self._monitored(row), row.validation_loss)

    @property
    def _monitor(self) -> str:
        """What decides which epoch is best."""
        if self.config.early_stopping != "none":
            return self.config.early_stopping.monitor
        return "validation_loss" if self.dataset.classes is None else "validation_error"

    def _monitored(self, row: Row) -> float:
        value = getattr(row, self._monitor)
        return float("nan") if value is None else float(value)

    def _checkpoint(self, row: Row) -> bytes:
        """The state after an epoch: everything that evaluating or going on needs."""
        trainer = self.trainer
        arrays = {
            **trainer.network.named_parameters(trainer.w),
            **{f"optimizer/{name}": array for name, array in trainer.memory.items()},
        }
        metadata = {
            "config": config_for_checkpoint(self.config),
            "epoch": trainer.epoch,
            "step": trainer.step,
            "samples": trainer.samples,
            "row": asdict(row),
            "best": self.summary.best,
            "patience": None if self.patience is None else asdict(self.patience),
            "input_shape": list(self.dataset.input_shape),
            "outputs": self.dataset.outputs,
            "class_names": self.dataset.class_names,
            "standardizer": self.dataset.standardizer.to_json(),
            "data_sha256": self.dataset.fingerprint,
            "split_sha256": self.dataset.split_hash,
        }
        return checkpoint.encode(arrays, metadata)

    def _event(self, event: str, **details: Any) -> None:
        trainer = self.trainer
        self.directory.add_event(event, epoch=trainer.epoch, step=trainer.step, **details)

    def _end(self, status: str, reason: str, exit_code: int | None) -> None:
        self.summary.end(status, reason, exit_code)
        self._event("stop", status=status, reason=reason)
        self._write_summary()
        self.progress.note(f"{status.replace('_', ' ')}: {reason}")

    def _write_summary(self) -> None:
        self.summary.seconds = time.monotonic() - self.started
        self.directory.write_summary(self.summary.as_dict())


def _check_monitor(config: Config, dataset: Dataset) -> None:
    """Early stopping needs a validation part, and class labels to count errors on."""
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
