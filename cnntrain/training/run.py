"""A run under way: everything that its checkpoints hold, and where it writes."""

from __future__ import annotations

from cnntrain.config import Config
from cnntrain.config.against_data import check_monitors
from cnntrain.data.augment import Mixing
from cnntrain.experiment import Experiment, set_up
from cnntrain.metrics import METRICS
from cnntrain.optim.phases import running_phases
from cnntrain.runs.directory import RunDirectory
from cnntrain.runs.rows import Row
from cnntrain.runs.summary import Summary
from cnntrain.training.epoch_metrics import extra_columns, monitor_of_best
from cnntrain.training.heartbeat import Heartbeat
from cnntrain.training.journal import Journal
from cnntrain.training.origin import Origin
from cnntrain.training.progress import Progress, TrainingPlan
from cnntrain.training.scalar_log import ScalarLog
from cnntrain.training.stopping import Best, End, stopping_counters
from cnntrain.training.trainer import Trainer


class TrainingRun:
    """The parts of one run, made from its config at w_0; `start` and `loop` do something with them.

    rules     what can end training before the last epoch
    best      the best epoch so far
    origin    what w_0 was loaded from, None where nothing was, and in a run that goes on;
              origin_sha256 is the checkpoint's digest in either
    row       metrics of the last complete epoch, None before the first
    ended     how training ended at that epoch, None while it goes on
    summary   how the run stands
    heartbeat signs of life for those who watch
    journal   where events, notes and the summary go
    log       the metrics for other programs

    Raises DataError or ConfigError where data and config do not fit together.
    """

    def __init__(self, config: Config, directory: RunDirectory, progress: Progress) -> None:
        self.config, self.directory, self.progress = config, directory, progress
        experiment = set_up(config)
        self.dataset = experiment.dataset
        check_monitors(config, self.dataset)
        self.trainer = new_trainer(config, experiment)
        self.rules = stopping_counters(config)
        self.best = Best(monitor_of_best(config, self.dataset))
        self.origin: Origin | None = None
        self.origin_sha256: str | None = None
        self.row: Row | None = None
        self.ended: End | None = None
        self.summary = Summary.begin(
            directory.path, config.seed, self.trainer.network.parameters.count
        )
        self.heartbeat = Heartbeat(directory)
        self.journal = Journal(self.trainer, directory, progress, self.summary)
        self.log = ScalarLog(config.log != "none", directory, self.journal)
        steps, layers = config.record_steps != "none", config.record_layers
        directory.tables.choose(extra_columns(config), steps, layers)

    def plan(self) -> TrainingPlan:
        """What is left to be trained."""
        trainer, config = self.trainer, self.config
        kinds = () if config.augment == "none" else config.augment
        mixing, classes = any(isinstance(kind, Mixing) for kind in kinds), self.dataset.classes
        return TrainingPlan(
            run=str(self.directory.path),
            epochs=config.epochs,
            steps_per_epoch=trainer.batches.steps_per_epoch,
            samples_per_epoch=trainer.batches.samples_per_epoch,
            samples_done=trainer.samples_seen,
            parameters=trainer.network.parameters.count,
            classification=classes is not None,
            metrics=tuple(name for name in extra_columns(config) if name in METRICS),
            mixed_labels=mixing and classes is not None,
        )


def new_trainer(config: Config, experiment: Experiment) -> Trainer:
    """What trains an experiment as `config` says, at w_0."""
    dataset, network, batches = experiment
    return Trainer(
        network,
        dataset,
        batches,
        running_phases(config.phase_at.values(), config.epochs, batches.steps_per_epoch),
        config.seed,
        config.evaluate.flips_in_training,
        config.largest_gradient,
        None if config.average == "none" else config.average,
        config.record_layers,
    )
