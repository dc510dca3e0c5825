"""One step: the loss along a single gradient, with the step that the learning rate takes marked."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.models.load import load_model
from cnntrain.nn.reductions import norm
from cnntrain.optim.objective import NotFiniteError, Objective
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence, Trained
from cnntrain.reports.markup import element
from cnntrain.reports.page import Section, beside
from cnntrain.reports.scale import Scale
from cnntrain.runs.rows import Row

Array = NDArray[Any]
POINTS = 33  # along the gradient
FARTHEST = 4.0  # times the learning rate
MOST_SAMPLES = 512  # of the batch


def step(evidence: Evidence) -> Section | None:
    """L(w - alpha g) over alpha after the best and the last epoch; None without a network."""
    network, rows = evidence.network, evidence.rows
    if network is None or not rows:
        return None
    best = next((row for row in rows if row.epoch == network.model.epoch), None)
    charts = []
    for row in dict.fromkeys(row for row in (best, rows[-1]) if row is not None):
        chart = _line(evidence, network, row)
        if chart is not None:
            charts.append(chart)
    if not charts:
        return None
    text = (
        "The loss of the next batch at w - alpha g, where g is its gradient (equation 6), for "
        "alpha from 0 to four times the learning rate. The solid line marks the learning rate, the "
        "dashes are the tangent at alpha = 0: where the loss at the mark is above its lowest "
        "value, the step overshoots. With momentum the step that training takes is another."
    )
    return Section("step", "The step", [element("p", text), beside(*charts)], charts)


def _line(evidence: Evidence, network: Trained, row: Row) -> Chart | None:
    """The chart for w at the end of an epoch; None where no checkpoint of it was kept, or where
    numbers are not finite."""
    checkpoints = evidence.run.directory.checkpoints
    paths = [network.model.path, checkpoints.last]
    models = (load_model(path, "own") for path in paths if path in checkpoints.saved())
    model = next((model for model in models if model.epoch == row.epoch), None)
    if model is None:
        return None
    dataset, _, batches = network.experiment
    positions = next(batches.batches(row.epoch + 1))[:MOST_SAMPLES]
    samples, key = dataset.batch(positions, row.epoch + 1), (evidence.summary.seed, row.epoch + 1)
    trained = replace(network.experiment.network, frozen=frozenset())
    objective = Objective(trained, samples, (*key, row.step), buffers=model.buffers)
    try:
        total, gradient = objective.gradient(model.w)
    except NotFiniteError:
        return None
    square, rate = norm(gradient) ** 2, row.learning_rate
    alpha = np.linspace(0.0, FARTHEST * rate, POINTS)
    loss = [total.risk, *(_risk(objective, model.w, gradient, a) for a in alpha[1:].tolist())]
    tangent = total.risk - alpha * square
    shown = [value for value in loss if math.isfinite(value)]
    low, high = min(shown), max(shown)
    room = (high - low) / 10
    tangent[tangent < low - room] = math.nan
    chart = Chart(
        f"step-{row.epoch}",
        f"loss along the gradient after epoch {row.epoch}",
        f"from {total.risk:.4g} at alpha = 0, gradient norm {math.sqrt(square):.3g}, "
        f"learning rate {rate:.4g}",
        Axis(f"alpha, after epoch {row.epoch}", Scale(0.0, FARTHEST * rate)),
        Axis("loss of the batch", Scale.over([low - room, high + room])),
    )
    chart.mark(rate, f"learning rate {rate:.4g}", "best")
    chart.line("tangent", alpha.tolist(), tangent.tolist(), 1)
    chart.line("L(w - alpha g)", alpha.tolist(), loss, 0)
    return chart


def _risk(objective: Objective, w: Array, gradient: Array, alpha: float) -> float:
    return objective.risk((w - alpha * gradient).astype(w.dtype))
