"""How the layers learn: gradients, steps and dead units by epoch, a curve a layer."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cnntrain.errors import NotFoundError
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.markup import element
from cnntrain.reports.page import Section, beside
from cnntrain.reports.scale import Scale
from cnntrain.runs.reader import Columns

MOST = 8  # curves in a chart
CUSTOMARY = 1e-3  # step over weights
LEAST = 0.1  # where the scale of dead units ends at the earliest

TEXT = (
    "Of the last step of each epoch, layer by layer: the norm of the gradient, and the length of "
    "the step over that of the weights that it changes. About a thousandth is customary (the "
    "dashed line; Karpathy, course notes of CS231n): a layer far above it may be learning too "
    "fast, one far below hardly learns. A ReLU's unit is dead where it is 0 for all samples of a "
    "fixed probe: it learns nothing from them."
)


def layers_over_time(evidence: Evidence) -> Section | None:
    """What layers.csv holds; None where the run records no layers."""
    try:
        layers = evidence.run.layers
    except NotFoundError:
        return None
    charts = [
        chart
        for chart in (
            _chart(layers, "gradient-norms", "gradient norm", "gradient_norm"),
            _chart(layers, "update-ratios", "step over weights", "update_ratio"),
            _chart(layers, "dead-units", "dead units of ReLUs", "dead"),
        )
        if chart is not None
    ]
    if not charts:
        return None
    text = TEXT
    if any(len(_there(layers, column)) > MOST for column in ("gradient_norm", "dead")):
        text += f" Of more than {MOST} layers those with the highest and lowest last values."
    content = [element("p", text), beside(*charts)]
    return Section("layers-over-time", "Layers over time", content, charts)


def _chart(layers: Mapping[str, Columns], name: str, title: str, column: str) -> Chart | None:
    """The chart of a column; None where it is empty."""
    curves = _chosen(_there(layers, column))
    if not curves:
        return None
    epochs = max(float(layers[layer]["epoch"][-1]) for layer in curves)
    values = [value for curve in curves.values() for value in curve]
    if column == "dead":
        scale = Scale(0.0, max(LEAST, *(v for v in values if math.isfinite(v))))
    else:
        customary = [CUSTOMARY] if column == "update_ratio" else []
        scale = Scale.over([*values, *customary], log=True)
    chart = Chart(
        name,
        f"{title} by layer and epoch",
        f"{', '.join(curves)} in {epochs:,.0f} epochs",
        Axis("epoch", Scale(0.0, epochs, whole=True), "d"),
        Axis(title, scale, "%" if column == "dead" else "g"),
    )
    if column == "update_ratio":
        chart.level(CUSTOMARY, "customary: a thousandth")
    for color, (layer, curve) in enumerate(curves.items()):
        chart.line(layer, layers[layer]["epoch"].tolist(), curve, color)
    return chart


def _there(layers: Mapping[str, Columns], column: str) -> dict[str, list[float]]:
    """The layers that have numbers in a column; on a log scale 0 has no place."""
    found = {}
    for layer, columns in layers.items():
        values = columns[column].tolist()
        if column != "dead":
            values = [value if value > 0 else math.nan for value in values]
        if any(map(math.isfinite, values)):
            found[layer] = values
    return found


def _chosen(curves: dict[str, list[float]]) -> dict[str, list[float]]:
    """All of them, or of many those with the highest and the lowest last values."""
    order = sorted(curves, key=lambda layer: [v for v in curves[layer] if math.isfinite(v)][-1])
    extreme = {*order[: MOST // 2], *order[-MOST // 2 :]}
    return {layer: curve for layer, curve in curves.items() if layer in extreme}
