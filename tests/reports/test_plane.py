"""Decision regions in the plane of two inputs."""

import re

import numpy as np
import pytest

import cnntrain
from cnntrain.models.load import load_model
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.plane import CELLS, SURE, _clipped, _rectangles
from cnntrain.reports.raster import png
from cnntrain.reports.scale import Scale
from cnntrain.reports.sections.plane import MOST_EPOCHS, _spread, plane


@pytest.fixture(scope="module")
def section(plane_run):
    return plane(Evidence.of(plane_run))


def boxes(figure, least):
    """The rectangles of each class where p is at least that: (left, top, right, bottom)."""
    found = {}
    for path in figure.svg().iter("path"):
        if float(path.get("data-least", "nan")) == least:
            numbers = [
                [float(v) for v in re.findall(r"[-.\d]+", box)]
                for box in path.get("d").split("Z")[:-1]
            ]
            corners = [(box[0], box[1], box[4], box[5]) for box in numbers]
            found[int(path.get("data-class"))] = corners
    return found


def classes_at(place, rectangles):
    """Which classes have a rectangle there."""
    x, y = place
    return [
        c
        for c, corners in rectangles.items()
        if any(left < x < right and top < y < bottom for left, top, right, bottom in corners)
    ]


def test_there_is_a_panel_for_each_kept_epoch_and_the_best(section, plane_run):
    run = cnntrain.Run(plane_run)
    kept = {int(re.search(r"\d+", path.name)[0]) for path in Evidence.of(plane_run).kept}
    epochs = sorted({*kept, load_model(run.best).epoch})
    names = [figure.name for figure in section.figures]
    assert names == [*(f"plane-{k}" for k in epochs), f"plane-{load_model(run.best).epoch}-units"]


def test_the_class_of_a_place_is_what_predict_answers_there(section, plane_run):
    model = load_model(cnntrain.Run(plane_run).best)
    figure = next(f for f in section.figures if f.name == f"plane-{model.epoch}")
    raw = figure.centres(figure.across.scale, figure.up.scale)[::171]
    p, places = model.predict_proba(raw), figure.place(raw)
    for least in SURE:
        rectangles = boxes(figure, least)
        for place, row, answer in zip(places, p, model.predict(raw), strict=True):
            assert classes_at(place, rectangles) == ([answer] if row.max() >= least else [])


def test_dots_are_where_the_samples_are(section, plane_run):
    data = cnntrain.load_data(cnntrain.Run(plane_run).config)
    figure = section.figures[0]
    dots = list(figure.svg().iter("circle"))
    assert len(dots) == len(data.train) + len(data.validation)
    seen, shown = dots[: len(data.train)], dots[len(data.train) :]
    model = load_model(Evidence.of(plane_run).kept[0])
    for part, some in ((data.train, seen), (data.validation, shown)):
        places = [[float(dot.get("cx")), float(dot.get("cy"))] for dot in some]
        np.testing.assert_allclose(places, figure.place(part.x), atol=0.01)
        for dot, label in zip(some, part.y, strict=True):
            assert f"c{label}" in dot.get("class").split()
    wrong = ["wrong" in dot.get("class").split() for dot in shown]
    assert wrong == (model.predict(data.validation.x) != data.validation.y).tolist()
    assert f"error {100 * np.mean(wrong):.2f} %" == figure.note
    assert all("seen" in dot.get("class").split() for dot in seen)


def test_the_axes_are_in_the_units_of_the_data(section):
    figure = section.figures[0]
    ticks = {
        float(text.text): float(text.get("x"))
        for text in figure.svg().iter("text")
        if text.get("class") == "tick x"
    }
    assert len(ticks) >= 2
    for value, x in ticks.items():
        assert figure.place(np.array([[value, 0.0]]))[0, 0] == pytest.approx(x, abs=0.01)


def test_the_lines_are_where_units_of_the_first_layer_are_zero(section, plane_run):
    model = load_model(cnntrain.Run(plane_run).best)
    a, b, c = section.figures[-1].lines.T
    on = np.stack([c / a, np.zeros_like(a)], axis=1)  # where x2 is 0
    off = np.stack([np.zeros_like(b), c / b], axis=1)  # where x1 is 0
    weights = model.network.named_parameters(model.w)
    for raw in (on, off):
        x = model.standardizer.standardize(raw, np.float64)
        before = x @ weights["dense1/weight"].T + weights["dense1/bias"]
        np.testing.assert_allclose(np.diagonal(before), 0, atol=1e-6)


def test_who_does_not_see_it_is_told(section):
    svg = section.figures[0].svg()
    assert svg.get("role") == "img"
    assert svg.findtext("title") == "decision regions after epoch 1"
    assert re.search(r"error \d+\.\d\d %\. Shares of the plane .* arm 1 \d+ %, arm 2 \d+ %, arm 3",
                     svg.findtext("desc"))  # fmt: skip


def test_a_panel_can_be_saved_as_png(section):
    pytest.importorskip("matplotlib")
    assert png(section.figures[0]).startswith(b"\x89PNG")


def test_other_inputs_have_no_plane(digits_run):
    assert plane(Evidence.of(digits_run)) is None


def test_numbers_to_predict_have_no_regions(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 2))
    np.savez(tmp_path / "real.npz", x=x, y=x.mean(axis=1))
    config = {
        "name": "real",
        "data": {"source": "npz", "path": str(tmp_path / "real.npz"), "validation": 0.5},
        "layers": [{"type": "dense", "units": 1}],
        "loss": "quadratic",
        "batch_size": 10,
        "epochs": 1,
        "learning_rate": 0.01,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    assert plane(Evidence.of(tmp_path / "run")) is None


def test_of_many_epochs_the_first_are_shown_more_closely():
    kept = list(range(1, 61))
    assert _spread(kept) == [1, 2, 5, 12, 26, 60]
    assert _spread(kept[:MOST_EPOCHS]) == kept[:MOST_EPOCHS]


def test_rectangles_cover_a_mask_once():
    mask = np.random.default_rng(0).random((CELLS, CELLS)) < 0.7
    covered = np.zeros(mask.shape, int)
    for left, low, right, high in _rectangles(mask):
        covered[low:high, left:right] += 1
    np.testing.assert_array_equal(covered, mask)
    assert list(_rectangles(np.ones((5, 4), bool))) == [(0, 0, 4, 5)]
    assert list(_rectangles(np.zeros((5, 4), bool))) == []


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ((1.0, 0.0, 0.5), [(0.5, 0.0), (0.5, 2.0)]),
        ((0.0, 1.0, 0.5), [(0.0, 0.5), (1.0, 0.5)]),
        ((2.0, -1.0, 0.0), [(0.0, 0.0), (1.0, 2.0)]),
        ((1.0, 1.0, 0.5), [(0.0, 0.5), (0.5, 0.0)]),
        ((1.0, 1.0, 4.0), []),
        ((0.0, 0.0, 0.0), []),
    ],
)
def test_lines_are_cut_at_the_edges(line, ends):
    assert _clipped(*line, Scale(0.0, 1.0), Scale(0.0, 2.0)) == ends
