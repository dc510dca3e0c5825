"""Curves of layers: those of layers.csv."""

import math

import numpy as np
import pytest

import cnntrain
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.report import of_run
from cnntrain.reports.sections.layers_over_time import MOST, _chosen, layers_over_time


def curves(figure):
    found = figure.svg().findall(".//g[@class='curve']")
    return {g.get("data-label"): [float(v) for v in g.get("data-y").split()] for g in found}


def test_curves_are_the_columns_of_layers_csv(train):
    run = train(record_layers=True)
    figures = layers_over_time(Evidence.of(run)).figures
    layers, shown = cnntrain.Run(run).layers, {f.name: curves(f) for f in figures}
    assert list(shown) == ["gradient-norms", "update-ratios", "dead-units"]
    for name, column, own in (
        ("gradient-norms", "gradient_norm", ["conv1", "dense1"]),
        ("update-ratios", "update_ratio", ["conv1", "dense1"]),
        ("dead-units", "dead", ["relu1"]),
    ):
        assert shown[name] == {layer: layers[layer][column].tolist() for layer in own}
    assert 'id="layers-over-time"' in of_run(run).html


def test_the_customary_ratio_is_marked(train):
    figures = layers_over_time(Evidence.of(train(record_layers=True))).figures
    (line,) = figures[1].svg().findall(".//line[@class='mark']")
    assert line.get("y1") == line.get("y2")
    assert line.find("title").text == "customary: a thousandth"
    assert figures[1].y.scale.low <= 1e-3 <= figures[1].y.scale.high


def test_a_run_that_records_no_layers_has_no_such_section(digits_run):
    assert layers_over_time(Evidence.of(digits_run)) is None


def test_without_relus_and_gradients_there_are_charts_of_the_rest(train):
    layers = [{"type": "flatten"}, {"type": "dense", "units": 10}, {"type": "softmax"}]
    run = train(layers=layers, record_layers=True, optimizer={"type": "spsa"}, learning_rate=1e-4)
    assert [f.name for f in layers_over_time(Evidence.of(run)).figures] == ["update-ratios"]


@pytest.mark.parametrize("count", [1, MOST, MOST + 1, 40])
def test_of_many_layers_the_extremes_are_shown(count):
    last = np.random.default_rng(0).permutation(count).tolist()
    all_curves = {f"layer{k}": [1.0, value, math.nan] for k, value in enumerate(last)}
    shown = [all_curves[name][1] for name in _chosen(all_curves)]
    half = MOST // 2
    assert shown == [v for v in last if count <= MOST or v < half or v >= count - half]


def test_layers_by_the_hundred_stay_small(train):
    dense = [{"type": "dense", "units": 8}, {"type": "relu"}] * 60
    layers = [{"type": "flatten"}, *dense, {"type": "dense", "units": 10}, {"type": "softmax"}]
    section = layers_over_time(Evidence.of(train(layers=layers, record_layers=True, epochs=1)))
    counts = [len(curves(figure)) for figure in section.figures]
    assert max(counts) == counts[-1] == MOST  # deep down gradients may be 0
