"""The trials before they begin: where their losses start, and about how long they take."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnntrain.config import Config, resolved
from cnntrain.config.against_data import check_monitors
from cnntrain.experiment import Experiment, set_up
from cnntrain.nn.network import Network
from cnntrain.sweeps.plan import SweepPlan, Trial, with_settings
from cnntrain.training.origin import starting_point

STARTUP = 0.7  # seconds before a process begins to train
TIMED_STEPS = 3
# The keys that baselines depend on.
DEPENDS = ("data", "augment", "layers", "loss", "compute", "start_from")
LEAST_FALL = 0.05  # share by which a loss must fall to show that something was learned


@dataclass(frozen=True)
class Baseline:
    """Two losses L_T to judge a trial by: at w_0, and of the best answer that is the same for all
    samples (the class frequencies, or the mean target)."""

    start: float
    constant: float

    @property
    def learned(self) -> float:
        """The loss below which something has been learned."""
        return (1 - LEAST_FALL) * min(self.start, self.constant)


@dataclass(frozen=True)
class Baselines:
    """What is known of each trial before it begins, by its name.

    losses    its baseline
    settings  what its results depend on, as `depends_on` gives it
    seconds   about how long it takes
    """

    losses: dict[str, Baseline]
    settings: dict[str, str]
    seconds: dict[str, float]

    def estimate(self, trials: Sequence[Trial], jobs: int) -> float:
        """About how many seconds `trials` take, `jobs` at a time."""
        each = [self.seconds[trial.name] for trial in trials]
        return max(sum(each) / jobs, *each, 0.0)


def measure_baselines(config: Config, plan: SweepPlan) -> Baselines:
    """Measure the losses at w_0 and the time of a few steps; check that each trial can start.

    Raises DataError and ConfigError.
    """
    experiment, before = set_up(with_settings(config, plan.fixed)), ""
    per_epoch = _seconds_per_epoch(experiment)
    losses, expected, seconds = {}, {}, {}
    measured: dict[tuple[str, int], Baseline] = {}
    for trial in plan.trials:
        tried = with_settings(config, plan.settings(trial))
        settings = resolved(tried)
        # What network and data depend on; most sweeps vary none of it.
        depends = repr([settings[key] for key in DEPENDS])
        if depends != before:
            experiment, before = set_up(tried), depends
        check_monitors(tried, experiment.dataset)
        if (depends, trial.seed) not in measured:
            measured[depends, trial.seed] = _baseline(experiment, tried)
        losses[trial.name] = measured[depends, trial.seed]
        expected[trial.name] = depends_on(settings)
        seconds[trial.name] = STARTUP + tried.epochs * per_epoch
    return Baselines(losses, expected, seconds)


def depends_on(settings: Mapping[str, Any]) -> str:
    """What the results of a run depend on, of its settings as config.yaml holds them, as text."""
    compute = settings.get("compute")
    if isinstance(compute, Mapping):
        compute = {key: value for key, value in compute.items() if key != "workers"}
    return repr({**settings, "name": None, "max_minutes": None, "log": None, "compute": compute})


def _baseline(experiment: Experiment, config: Config) -> Baseline:
    dataset, network, _ = experiment
    samples = dataset.samples(dataset.train)
    w, buffers, _ = starting_point(network, config)
    total, _ = network.measure(w, samples, buffers)
    return Baseline(total.risk, constant_risk(network, dataset.train.y))


def constant_risk(network: Network, y: np.ndarray) -> float:
    """L_T of the best answer that ignores the input: the class frequencies for labels y (N,), the
    mean for targets y (N, d)."""
    loss, n = network.loss, len(y)
    mean = np.bincount(y, minlength=network.outputs) / n if y.ndim == 1 else y.mean(axis=0)
    answer = loss.best_constant(mean)
    values = loss.values(np.repeat(answer[:, None], n, axis=1), y)
    return float(values.mean()) if loss.weights is None else float(values.sum() * loss.share(y))


def _seconds_per_epoch(experiment: Experiment) -> float:
    """About how long the steps of an epoch take."""
    dataset, network, batches = experiment
    w, buffers = network.initial_parameters(0), network.initial_buffers()
    started, done = time.monotonic(), 0
    for step, positions in enumerate(itertools.islice(batches.batches(1), TIMED_STEPS)):
        batch = dataset.batch(positions, epoch=1)
        network.totals_and_gradient(w, batch, (0, 0, step), buffers)
        done += len(positions)
    return (time.monotonic() - started) / done * len(dataset.train)
