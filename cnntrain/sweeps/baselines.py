"""What is known of the trials before they begin: where their losses start, and about how long
they take."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnntrain.config import Config, resolved
from cnntrain.nn.network import Network
from cnntrain.prepare import Prepared, prepare
from cnntrain.sweeps.plan import SweepPlan, Trial, with_settings
from cnntrain.training.monitor_checks import check_monitors

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
class Baselines:
    """By the name of a trial: its baseline, and about how many seconds it takes."""

    baselines: dict[str, Baseline]
    seconds: dict[str, float]

    def estimate(self, trials: Sequence[Trial], jobs: int) -> float:
        """About how many seconds `trials` take, `jobs` at a time."""
        each = [self.seconds[trial.name] for trial in trials]
        return max(sum(each) / jobs, *each, 0.0)


def look_ahead(config: Config, plan: SweepPlan) -> Baselines:
    """Measure the baselines, and the time of a few steps.

    Raises DataError and ConfigError, before any trial is started.
    """
    prepared, before = prepare(with_settings(config, plan.fixed)), ""
    per_epoch = _seconds_per_epoch(prepared)
    baselines, seconds = {}, {}
    measured: dict[tuple[str, int], Baseline] = {}
    for trial in plan.trials:
        tried = with_settings(config, plan.settings(trial))
        settings = resolved(tried)
        # What network and data depend on: most sweeps leave it as it is.
        about = repr([settings[key] for key in ("data", "layers", "loss", "compute")])
        if about != before:
            prepared, before = prepare(tried), about
        check_monitors(tried, prepared.dataset)
        if (about, trial.seed) not in measured:
            measured[about, trial.seed] = _baseline(prepared, trial.seed)
        baselines[trial.name] = measured[about, trial.seed]
        seconds[trial.name] = STARTING + tried.epochs * per_epoch
    return Baselines(baselines, seconds)


def _baseline(prepared: Prepared, seed: int) -> Baseline:
    dataset, network, _ = prepared
    samples = dataset.samples(dataset.train)
    total, _ = network.measure(network.initial_parameters(seed), samples)
    return Baseline(total.risk, constant_risk(network, dataset.train.labels))


def constant_risk(network: Network, y: np.ndarray) -> float:
    """L_T of the best answer that does not depend on the input: the class frequencies of labels
    y (N,), or the mean of targets y (N, d)."""
    loss, n = network.loss, len(y)
    mean = np.bincount(y, minlength=network.outputs) / n if y.ndim == 1 else y.mean(axis=0)
    with np.errstate(divide="ignore"):  # of a class without samples
        answer = np.log(mean) if loss.of_logits else mean
    return float(loss.values(np.repeat(answer[:, None], n, axis=1), y).mean())


def _seconds_per_epoch(prepared: Prepared) -> float:
    """About how long an epoch's steps take."""
    dataset, network, batches = prepared
    w = network.initial_parameters(0)
    started, taken = time.monotonic(), 0
    for step, positions in enumerate(itertools.islice(batches.batches(1), STEPS)):
        batch = dataset.samples(dataset.train, positions)
        network.sums_and_gradient(w, batch, (0, 0, step))
        taken += len(positions)
    return (time.monotonic() - started) / taken * len(dataset.train)
