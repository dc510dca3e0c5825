"""A report as HTML: what it shows of a run."""

import base64
import hashlib
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import cnntrain
from cnntrain.files import read_text
from cnntrain.reports import page as pages
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.report import of_run
from cnntrain.reports.scale import Scale
from cnntrain.reports.sections.simplex import _restricted, simplex
from cnntrain.reports.sections.step import step

DENSE_1 = {"type": "dense", "units": 1}
HOSTILE = ["<script>alert(1)</script>", "' onload='x", '"><img src=x onerror=alert(1)>']


class Page(HTMLParser):
    """The elements of a page: tags with their attributes, in order."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag, **wanted):
        """The attributes of the elements of a kind."""
        return [a for t, a in self.elements if t == tag and wanted.items() <= a.items()]


def test_curves_are_the_columns_of_metrics_csv(digits_run):
    page, metrics = Page(of_run(digits_run).html), cnntrain.Run(digits_run).metrics
    shown = {a["data-label"]: a["data-y"] for a in page.all("g", **{"class": "curve"})}
    for label, column in {
        "training loss": "train_loss",
        "validation loss": "validation_loss",
        "training error": "train_error",
        "validation error": "validation_error",
        "learning rate": "learning_rate",
    }.items():
        assert [float(v) for v in shown[label].split()] == metrics[column].tolist()


def test_the_summary_says_what_evaluate_says(digits_run):
    text = Page(of_run(digits_run, "test").html).text
    result = cnntrain.evaluate(digits_run, "test")
    low, high = result.error_interval
    assert f"{100 * result.zero_one_error:.2f} %" in text
    assert f"(95 % interval {100 * low:.2f} to {100 * high:.2f} %)" in text
    assert "test, 359 samples" in text


def test_the_dots_of_calibration_are_bins_with_areas_of_their_counts(digits_run):
    bins = [one for one in cnntrain.evaluate(digits_run, "validation").reliability if one.count]
    (figure,) = [one for one in of_run(digits_run).figures if one.name == "calibration"]
    dots = figure.svg().find(".//g[@class='points']")
    assert [float(p) for p in dots.get("data-x").split()] == [one.p for one in bins]
    largest = max(range(len(bins)), key=lambda k: bins[k].count)
    radii = [float(dot.get("r")) for dot in dots]
    assert radii[largest] == max(radii) > min(radii)


def test_a_curve_alone_names_its_chart_and_a_metric_has_the_whole_scale(train):
    run = train(metrics=["macro_f1"])
    (figure,) = [one for one in of_run(run).figures if one.name == "metrics"]
    values = cnntrain.Run(run).metrics["macro_f1"]
    assert figure.y.title == "macro F1"
    assert (figure.y.scale.low, figure.y.scale.high) == (values.min(), values.max())


def test_the_result_stands_first(digits_run):
    html = of_run(digits_run).html
    error = 100 * cnntrain.evaluate(digits_run, "validation").zero_one_error
    assert f"<dt>validation error</dt><dd>{error:.2f} %</dd>" in html
    assert html.index('<dl class="headline">') < html.index("<dt>status</dt>")


def test_cells_of_the_confusion_matrix_lead_to_their_pictures(digits_run):
    page, result = Page(of_run(digits_run).html), cnntrain.evaluate(digits_run, "validation")
    links = [a["href"] for a in page.all("a") if a["href"].startswith("#confused")]
    wrong = [
        (true, answer)
        for true, row in enumerate(result.confusion)
        for answer, count in enumerate(row)
        if count and true != answer
    ]
    assert links == [f"#confused-{true}-{answer}" for true, answer in wrong] != []
    assert {a["id"] for a in page.all("section")} >= {link[1:] for link in links}


def test_the_page_is_small_and_needs_nothing_else(digits_run):
    html = of_run(digits_run).html
    assert len(html.encode()) < 2e6
    page = Page(html)
    addresses = [
        value
        for tag, attributes in page.elements
        for key, value in attributes.items()
        if key in {"src", "href", "srcset", "data"}
    ]
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in addresses)


def test_the_scripts_of_a_page_are_those_for_what_is_in_it():
    one = Axis("epoch", Scale(0.0, 1.0))
    chart = Chart("losses", "loss", "a curve", one, one)
    chart.line("loss", [0.0, 1.0], [0.0, 1.0])
    figure, table = chart.svg(), pages.grid(["a"], [["1"]], sortable=True)
    for content, files in (
        ([], []),
        ([figure], ["hover.js"]),
        ([table, figure], ["sort.js", "hover.js"]),
    ):
        html = pages.page("title", "lead", [pages.Section("part", "Part", content)])
        codes = [read_text(Path(pages.__file__).with_name(file)) for file in files]
        assert re.findall("<script>(.*?)</script>", html, re.DOTALL) == codes
        digests = [hashlib.sha256(code.encode()).digest() for code in codes]
        allowed = [base64.b64encode(digest).decode() for digest in digests]
        assert re.findall("'sha256-(.*?)'", html) == allowed


def test_names_of_classes_are_text(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (60, 4, 4, 1), dtype=np.uint8)
    y = rng.integers(0, 3, 60)
    np.savez(tmp_path / "hostile.npz", x=x, y=y, class_names=np.array(HOSTILE))
    config = {
        "name": "hostile",
        "data": {"source": "npz", "path": str(tmp_path / "hostile.npz"), "validation": 0.5},
        "layers": [{"type": "flatten"}, {"type": "dense", "units": 3}, {"type": "softmax"}],
        "loss": "cross_entropy",
        "batch_size": 10,
        "epochs": 1,
        "learning_rate": 0.1,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    page = Page(of_run(tmp_path / "run").html)
    assert len(page.all("script")) == 1
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert all(name in page.text for name in HOSTILE)


def test_a_run_whose_data_are_gone_still_has_its_curves(tmp_path):
    x, y = np.zeros((20, 3)), np.arange(20) % 2
    np.savez(tmp_path / "gone.npz", x=x, y=y)
    config = {
        "name": "gone",
        "data": {"source": "npz", "path": str(tmp_path / "gone.npz")},
        "layers": [{"type": "dense", "units": 2}, {"type": "softmax"}],
        "loss": "cross_entropy",
        "batch_size": 10,
        "epochs": 2,
        "learning_rate": 0.1,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    (tmp_path / "gone.npz").unlink()
    made = of_run(tmp_path / "run")
    assert "Not evaluated: " in Page(made.html).text
    assert [figure.name for figure in made.figures] == ["losses", "errors", "rate"]
    with pytest.raises(cnntrain.errors.DataError, match=re.escape("gone.npz")):
        of_run(tmp_path / "run", "train")


def test_the_step_is_the_loss_along_the_gradient(digits_run):
    """Against the network itself, sample by sample."""
    section = step(Evidence.of(digits_run))
    svg = section.figures[-1].svg()
    curve = svg.find(".//g[@data-label='L(w - alpha g)']")
    alpha, loss = ([float(v) for v in curve.get(key).split()] for key in ("data-x", "data-y"))
    run = cnntrain.Run(digits_run)
    data, model = cnntrain.load_data(run.config), cnntrain.load_model(run.last)
    order = cnntrain.data.Batches(len(data.train), 64, 0, False).order(run.summary.epochs + 1)
    first = order[:64]
    x = model.standardizer.standardize(data.train.x[first], np.float64)
    w = model.w.astype(np.float64)
    network = cnntrain.build_network(run.config, (8, 8, 1), 10)
    _, gradient = network.loss_and_gradient(model.w, x, data.train.y[first])
    for a, value in list(zip(alpha, loss, strict=True))[::8]:
        moved = (w - a * gradient).astype(np.float32)
        found, _ = network.loss_and_gradient(moved, x, data.train.y[first])
        assert value == pytest.approx(found, rel=1e-4)
    assert alpha[-1] == pytest.approx(4 * run.metrics["learning_rate"][-1])


def test_points_of_the_simplex_are_where_their_probabilities_say(digits_run):
    figure = simplex(Evidence.of(digits_run)).figures[0]
    corners = figure.corners
    np.testing.assert_allclose(figure.place(np.eye(3)), corners)
    np.testing.assert_allclose(figure.place(np.full((1, 3), 1 / 3))[0], corners.mean(axis=0))
    dots = figure.svg().findall(".//circle")
    assert len(dots) == len(figure.p) > 10
    for dot, p in zip(dots, figure.p, strict=True):
        place = [float(dot.get("cx")), float(dot.get("cy"))]
        np.testing.assert_allclose(place, p @ corners, atol=0.01)


def test_probabilities_of_some_classes_alone_sum_to_one():
    p = np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])
    expected = [[0.625, 0.375], [0.5, 0.5]]
    np.testing.assert_allclose(_restricted(p, np.array([0, 1])), expected)


def test_a_regression_has_curves_and_a_network_but_no_classes(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6, 6, 1))
    np.savez(tmp_path / "real.npz", x=x, y=x.mean(axis=(1, 2)))
    config = {
        "name": "real",
        "data": {"source": "npz", "path": str(tmp_path / "real.npz"), "validation": 0.5},
        "layers": [{"type": "conv", "filters": 2, "kernel": 3}, "flatten", DENSE_1],
        "loss": "quadratic",
        "batch_size": 10,
        "epochs": 2,
        "learning_rate": 0.01,
    }
    cnntrain.fit(config, run=tmp_path / "run")
    page = Page(of_run(tmp_path / "run").html)
    shown = [a["id"] for a in page.all("section")]
    assert shown == ["summary", "curves", "network", "step"]
    assert "Training loss is a mean over the batches" in page.text


def test_a_run_of_one_epoch_and_one_sample_in_the_part(train):
    run = train(epochs=1, early_stopping="none", data={"source": "digits", "validation": 1})
    page = Page(of_run(run).html)
    assert page.all("circle", **{"class": "dot c0"})
    assert "1 of 1" in page.text


def test_a_run_of_many_epochs_stays_small(digits_run, tmp_path):
    run = tmp_path / "long"
    shutil.copytree(digits_run, run)
    header, first, *_ = (run / "metrics.csv").read_text().splitlines()
    cells = first.split(",")
    rows = [",".join([str(k), *cells[1:]]) for k in range(1, 10_001)]
    (run / "metrics.csv").write_text("\n".join([header, *rows]) + "\n")
    assert len(of_run(run).html.encode()) < 2e6
