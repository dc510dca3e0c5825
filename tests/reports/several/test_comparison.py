"""The report of several runs: what it shows of them."""

import shutil
import statistics

import numpy as np
import pytest

import cnntrain
from cnntrain.comparison.mcnemar import two_sided
from cnntrain.reports.several.cohort import MOST, Cohort
from cnntrain.reports.several.differences import differences
from cnntrain.reports.several.report import comparison

from ...comparison.conftest import make_run
from ..test_report import HOSTILE, Page


def test_lines_are_means_of_metrics_csv(several):
    page = Page(comparison(several).html)
    lines = [a for a in page.all("g", **{"class": "curve"}) if a["data-label"] == "batch_size 32"]
    shown = [[float(v) for v in line["data-y"].split()] for line in lines]
    runs = [cnntrain.Run(path).metrics for path in several if path.parent.name == "batch-32"]
    for column in ("train_loss", "validation_loss", "validation_error", "train_risk"):
        means = [
            statistics.fmean(values) for values in zip(*(r[column] for r in runs), strict=True)
        ]
        assert any(line == pytest.approx(means) for line in shown), column


def test_a_single_run_is_its_metrics_csv(several):
    page, metrics = Page(comparison(several[::2]).html), cnntrain.Run(several[0]).metrics
    shown = [a["data-y"] for a in page.all("g", **{"class": "curve"})]
    for column in ("train_loss", "validation_loss", "learning_rate"):
        assert " ".join(map(repr, metrics[column].tolist())) in shown


def test_the_table_says_what_compare_says(several):
    page, table = Page(comparison(several).html), cnntrain.compare(several)
    values = [float(a["value"]) for a in page.all("data")]
    for entry in table.entries:
        for name in ("validation_error", "validation_loss", "parameters", "seconds"):
            assert entry.estimate(name).mean in values
    assert "6 runs in 3 groups" in page.text


def test_the_best_stand_first(several):
    cohort = Cohort.of(several)
    assert cohort.measure == "validation_loss"
    means = [entry.validation_loss.mean for entry in cohort.ranked]
    assert means == sorted(means)


def test_pairs_are_tested_sample_by_sample(several):
    cohort = Cohort.of(several)
    section = differences(cohort, "validation")
    rows = [["".join(cell.itertext()) for cell in row] for row in section.content[-1].iter("tr")][
        1:
    ]
    assert len(rows) == 3
    right = {}
    for entry in cohort.shown:
        model = cnntrain.load_model(cohort.best_run(entry))
        part = cnntrain.load_data(model.config).validation
        answers = model.predict_proba(part.x).argmax(axis=1)
        right[cohort.names[entry.label]] = answers == part.y
    for one, other, _, _, first, second, p in rows:
        counts = [
            sum(a and not b for a, b in zip(*pair, strict=True))
            for pair in ((right[one], right[other]), (right[other], right[one]))
        ]
        assert [int(first), int(second)] == counts
        assert p == f"{two_sided(*counts):.3g}"


def test_networks_of_other_samples_are_not_tested_together(several, train):
    other = train("other", data={"source": "digits", "validation": 0.3})
    page = Page(comparison([several[0], other]).html)
    assert "have different validation samples" in page.text or "different test samples" in page.text


def test_of_many_groups_the_best_eight_are_drawn(tmp_path):
    paths = [make_run(tmp_path / f"r{k:02}", loss=1 - k / 20, batch_size=k + 1) for k in range(12)]
    cohort = Cohort.of(paths)
    assert [entry.runs[0] for entry in cohort.shown] == [str(path) for path in paths[-MOST:]]
    assert [entry.runs[0] for entry in cohort.ranked] == [str(path) for path in reversed(paths)]


def test_groups_are_named_after_the_folders_that_differ(tmp_path):
    paths = [make_run(tmp_path / f"long/{'x' * k}/run", batch_size=10**k) for k in (1, 40)]
    names = Cohort.of(paths).names.values()
    assert list(names) == ["x/run", f"{'x' * 40}/run"]


def test_rings_are_the_best_epochs_of_runs(several):
    (figure,) = [one for one in comparison(several[:1]).figures if one.name == "validation_loss"]
    run, rings = cnntrain.Run(several[0]), figure.svg().find(".//g[@class='rings']")
    best = run.summary.best_epoch
    assert float(rings.get("data-x")) == best
    assert float(rings.get("data-y")) == run.metrics["validation_loss"][best - 1]


def test_names_of_runs_are_text(several, tmp_path):
    paths = []
    for k, name in enumerate(HOSTILE):
        path = tmp_path / name.replace("/", "_") / "run"
        shutil.copytree(several[2 * k], path)
        paths.append(path)
        config = (path / "config.yaml").read_text()
        filters = f"name: '{name.replace(chr(39), chr(39) * 2)}'\n"
        (path / "config.yaml").write_text(filters + config.partition("\n")[2])
    page = Page(comparison(paths).html)
    assert len(page.all("script")) == 2
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)


def test_repeats_are_warned_of_and_what_is_no_run_is_passed_over(several, tmp_path):
    shutil.copytree(several[0], tmp_path / "again")
    told = []
    page = Page(comparison([*several, tmp_path / "again", tmp_path], skipped=told.append).html)
    assert "repeats" in page.text
    assert told == [f"no run in {tmp_path}: passed over"]
    with pytest.raises(cnntrain.errors.NotFoundError):
        comparison([*several, tmp_path])


def test_twenty_long_runs_make_a_small_page(several, tmp_path):
    paths = []
    for k in range(20):
        path = tmp_path / f"r{k}"
        shutil.copytree(several[0], path)
        text = (path / "config.yaml").read_text().replace("batch_size: 32", f"batch_size: {k + 1}")
        (path / "config.yaml").write_text(text)
        header, first, *_ = (path / "metrics.csv").read_text().splitlines()
        rows = [f"{e},{first.partition(',')[2]}" for e in range(1, 2001)]
        (path / "metrics.csv").write_text("\n".join([header, *rows]) + "\n")
        paths.append(path)
    assert len(comparison(paths).html.encode()) < 2e6


def test_a_regression_has_no_test_of_mcnemar(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6, 6, 1))
    np.savez(tmp_path / "real.npz", x=x, y=x.mean(axis=(1, 2)))
    config = {
        "name": "real",
        "data": {"source": "npz", "path": str(tmp_path / "real.npz"), "validation": 0.5},
        "layers": ["flatten", {"type": "dense", "units": 1}],
        "loss": "quadratic",
        "batch_size": 10,
        "epochs": 2,
        "learning_rate": 0.01,
    }
    for rate in (0.01, 0.02):
        cnntrain.fit({**config, "learning_rate": rate}, run=tmp_path / f"r{rate}")
    page = Page(comparison([tmp_path / "r0.01", tmp_path / "r0.02"]).html)
    assert [a["id"] for a in page.all("section")] == ["overview", "curves", "results"]


def test_a_run_without_a_checkpoint_is_not_tested_and_the_others_are(several, tmp_path):
    shutil.copytree(several[0], tmp_path / "run")
    shutil.rmtree(tmp_path / "run/checkpoints")
    page = Page(comparison([tmp_path / "run", several[2], several[4]], "validation").html)
    assert "not tested: no run with a checkpoint in" in page.text
    assert any(a["id"] == "differences" for a in page.all("section"))
