"""What is known of the trials before they begin: where their losses start, and about how long
they take."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnntrain.build import build_network
from cnntrain.config import Config, resolved
from cnntrain.data import Batches, Dataset, Samples, load_dataset
from cnntrain.nn.network import Network
from cnntrain.sweep.plan import Plan, Trial, with_settings

STARTING = 0.7  # seconds that a process takes before it trains
STEPS = 3  # whose time is taken
FALL = 0.05  # least share by which a loss must fall for something to have been learned


@dataclass(frozen=True)
class Baseline:
    """What the loss L_T of a trial is held against: that at w_0, and that of the best answer that
    is the same for all samples, class frequencies or the mean target."""

    start: float
    constant: float

    @property
    def learned(self) -> float:
        """Below this loss something has been learned."""
        return (1 - FALL) * min(self.start, self.constant)


@dataclass(frozen=True)
class Ahead:
    """By the name of a trial: its baseline, and about how many seconds it takes."""

    baselines: dict[str, Baseline]
    seconds: dict[str, float]

    def estimate(self, trials: Sequence[Trial], jobs: int) -> float:
        """About how many seconds `trials` take, `jobs` at a time."""
        each = [self.seconds[trial.name] for trial in trials]
        return max(sum(each) / jobs, *each, 0.0)


def look_ahead(config: Config, plan: Plan) -> Ahead:
    """Measure the baselines, and the time of a few steps.

    Raises DataError and ConfigError, before any trial is started.
    """
    config = with_settings(config, plan.fixed)
    data, dataset = config.data, load_dataset(config.data)
    per_epoch = _seconds_per_epoch(config, dataset)
    baselines, seconds = {}, {}
    measured: dict[str, Baseline] = {}
    for trial in plan.trials:
        tried = with_settings(config, plan.settings(trial))
        if tried.data != data:
            data, dataset = tried.data, load_dataset(tried.data)
        # What w_0 and L_T depend on: most sweeps leave it as it is.
        settings = resolved(tried)
        about = repr([settings[key] for key in ("data", "layers", "loss", "compute", "seed")])
        if about not in measured:
            measured[about] = _baseline(tried, dataset)
        baselines[trial.name] = measured[about]
        seconds[trial.name] = STARTING + tried.epochs * per_epoch
    return Ahead(baselines, seconds)


def _baseline(config: Config, dataset: Dataset) -> Baseline:
    network = build_network(config, dataset.input_shape, dataset.outputs)
    samples = Samples(dataset.train, dataset.standardizer)
    total, _ = network.measure(network.initial_parameters(config.seed), samples)
    return Baseline(total.risk, constant_risk(network, dataset.train.labels))


def constant_risk(network: Network, y: np.ndarray) -> float:
    """L_T of the best answer that does not depend on the input: the class frequencies of labels
    y (N,), or the mean of targets y (N, d)."""
    loss, n = network.loss, len(y)
    mean = np.bincount(y, minlength=network.outputs) / n if y.ndim == 1 else y.mean(axis=0)
    with np.errstate(divide="ignore"):  # of a class without samples
        answer = np.log(mean) if loss.of_logits else mean
    return float(loss.values(np.repeat(answer[:, None], n, axis=1), y).mean())


def _seconds_per_epoch(config: Config, dataset: Dataset) -> float:
    """About how long an epoch's steps take."""
    network = build_network(config, dataset.input_shape, dataset.outputs)
    batches = Batches(len(dataset.train), config.batch_size, config.seed, config.drop_last)
    w = network.initial_parameters(config.seed)
    started, taken = time.monotonic(), 0
    for step, positions in enumerate(itertools.islice(batches.batches(1), STEPS)):
        batch = Samples(dataset.train, dataset.standardizer, positions)
        network.sums_and_gradient(w, batch, (0, 0, step))
        taken += len(positions)
    return (time.monotonic() - started) / taken * len(dataset.train)
