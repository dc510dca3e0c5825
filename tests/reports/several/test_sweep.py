"""The report of a sweep: the measure over what was tried."""

import csv
import json

import pytest

import cnntrain
from cnntrain.reports.several.report import sweep
from cnntrain.reports.several.sweep import SweptTrials
from cnntrain.reports.several.tried import tried

from ..test_report import Page


def rows_of(path):
    return list(csv.DictReader((path / "sweep.csv").read_text().splitlines()))


def numbers(element, key):
    return [float(v) for v in element.get(key).split()]


def test_points_are_trials_and_what_diverged_is_at_the_upper_edge(swept):
    svg = tried(SweptTrials.of(swept / "rates")).svg()
    points, beyond = svg.find(".//g[@class='points']"), svg.find(".//g[@class='beyond']")
    rows = rows_of(swept / "rates")
    ended = [row for row in rows if row["status"] != "diverged"]
    assert numbers(points, "data-x") == [float(row["learning_rate.initial"]) for row in ended]
    for row, value in zip(ended, numbers(points, "data-y"), strict=True):
        run = swept / f"rates/trials/rate-{row['learning_rate.initial']}-seed-{row['seed']}"
        metrics = cnntrain.Run(run).metrics
        assert value == metrics["validation_loss"][int(row["best_epoch"]) - 1]
    assert numbers(beyond, "data-x") == [1e9, 1e9]


def test_the_rules_are_marked(swept):
    svg = tried(SweptTrials.of(swept / "rates")).svg()
    rules = json.loads((swept / "rates/sweep.json").read_text())["rules"]
    marks = [line.find("title").text for line in svg.iter("line") if line.find("title") is not None]
    assert len(marks) == 3
    for value in rules.values():
        assert any(mark.endswith(f": {value:g}") for mark in marks)
    assert set(marks) <= {text.text for text in svg.iter("text")}  # the legend
    page = Page(sweep(swept / "rates").html)
    assert f"suggested rate{rules['one_standard_error']:g}" in page.text


def test_a_sweep_over_two_settings_is_a_heat_table(swept):
    svg = tried(SweptTrials.of(swept / "two")).svg()
    rows = rows_of(swept / "two")
    cells = [float(g.get("data-value")) for g in svg.findall(".//g[@class='heat-cell']")]
    assert cells == [float(row["validation_loss"]) for row in rows]
    shades = [float(rect.get("fill-opacity")) for rect in svg.iter("rect")]
    assert shades.index(max(shades)) == cells.index(min(cells))
    assert "Validation loss; the darker the better" in Page(sweep(swept / "two").html).text


def test_one_setting_of_numbers_is_a_chart_with_the_mean_over_seeds(swept):
    svg = tried(SweptTrials.of(swept / "one")).svg()
    rows = rows_of(swept / "one")
    line = svg.find(".//g[@class='curve']")
    for k, size in enumerate((16, 64)):
        losses = [float(r["validation_loss"]) for r in rows if r["batch_size"] == str(size)]
        assert numbers(line, "data-y")[k] == pytest.approx(sum(losses) / len(losses))


def test_a_sweep_without_tables_is_an_error_of_one_line(swept, tmp_path):
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(cnntrain.errors.NotFoundError, match="has no tables yet"):
        sweep(tmp_path)


def test_tables_that_are_damaged_are_refused(swept, tmp_path):
    for name in ("config.yaml", "plan.json", "sweep.json"):
        (tmp_path / name).write_bytes((swept / "one" / name).read_bytes())
    (tmp_path / "sweep.csv").write_text("seed,status\n7,finished\n")
    with pytest.raises(cnntrain.errors.CheckpointError, match=r"plan\.json|sweep\.csv"):
        sweep(tmp_path)
