"""Thresholds: the curves are what `evaluate` says of them."""

import numpy as np
import pytest

import cnntrain
from cnntrain.models.thresholds import roc_area, roc_curve
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.report import of_run
from cnntrain.reports.sections.thresholds import thresholds


def curve(figure, label):
    group = figure.svg().find(f".//g[@data-label='{label}']")
    return [[float(v) for v in group.get(key).split()] for key in ("data-x", "data-y")]


def test_curves_are_the_thresholds_of_evaluate(digits_run):
    (figure,) = thresholds(Evidence.of(digits_run)).figures
    rows = cnntrain.evaluate(digits_run, "validation").thresholds
    assert curve(figure, "coverage") == [[r.threshold for r in rows], [r.coverage for r in rows]]
    answered = [row for row in rows if row.precision is not None]
    assert curve(figure, "precision") == [
        [row.threshold for row in answered],
        [row.precision for row in answered],
    ]
    assert 'id="thresholds"' in of_run(digits_run).html


@pytest.fixture
def two_classes(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    names = np.array(["<b>no", "yes"])
    np.savez(tmp_path / "two.npz", x=rng.normal(size=(200, 2)) + y[:, None], y=y, class_names=names)
    config = {
        "name": "two",
        "data": {"source": "npz", "path": str(tmp_path / "two.npz"), "validation": 0.5},
        "layers": [{"type": "dense", "units": 2}, {"type": "softmax"}],
        "loss": "cross_entropy",
        "batch_size": 10,
        "epochs": 2,
        "learning_rate": 0.1,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    return tmp_path / "run"


def test_two_classes_have_an_roc_curve_over_its_area(two_classes):
    section = thresholds(Evidence.of(two_classes))
    x, y = curve(section.figures[1], "network")
    area = cnntrain.evaluate(two_classes, "validation").roc_area
    assert np.trapezoid(y, x) == pytest.approx(area, abs=1e-12)
    assert f"{area:.4f}" in "".join(section.content[0].itertext())
    assert "<b>no" not in of_run(two_classes).html


@pytest.mark.parametrize("values", [2, 5, 10**6])
def test_the_area_under_the_curve_is_the_area(values):
    rng = np.random.default_rng(values)
    labels = rng.integers(0, 2, 150)
    score = rng.integers(0, values, 150) + labels * values // 4
    across, up = roc_curve(labels, score)
    assert (across[0], up[0], across[-1], up[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(up, across) == pytest.approx(roc_area(labels, score), abs=1e-12)
