"""Curves of groups: means and bands, against slow sums."""

import math
import statistics

import numpy as np
import pytest

from cnntrain.comparison.estimate import Estimate
from cnntrain.reports.scale import Scale
from cnntrain.reports.several.group import Group, overlaid


def group(*columns, folds=None, name="a", color=0, best=()):
    tables = tuple(
        {"epoch": np.arange(1.0, len(values) + 1), "loss": np.array(values)} for values in columns
    )
    return Group(name, tables, folds or (None,) * len(tables), color, best)


def test_a_band_is_one_standard_deviation_to_each_side_of_the_mean():
    seeds = [[1.0, 0.5, 0.2], [2.0, 0.7, 0.1], [4.0, 0.4, 0.4]]
    svg = overlaid("loss", "loss", "loss", [group(*seeds)]).svg()
    line, band = svg.find(".//g[@class='curve']"), svg.find(".//path[@data-low]")
    for k, values in enumerate(zip(*seeds, strict=True)):
        mean, deviation = statistics.fmean(values), statistics.stdev(values)
        assert float(line.get("data-y").split()[k]) == pytest.approx(mean)
        assert float(band.get("data-low").split()[k]) == pytest.approx(mean - deviation)
        assert float(band.get("data-high").split()[k]) == pytest.approx(mean + deviation)


def test_folds_are_averaged_before_they_are_compared():
    columns, folds = [[1.0, 2.0], [3.0, 4.0], [9.0, 5.0]], ((0, 2), (0, 2), (1, 2))
    curve = group(*columns, folds=folds).curve("loss")
    for k in range(2):
        expected = Estimate.over((fold, c[k]) for fold, c in zip(folds, columns, strict=True))
        assert curve.mean[k] == pytest.approx(expected.mean)
        assert curve.deviation[k] == pytest.approx(expected.deviation)


def test_a_mean_goes_as_far_as_all_runs_do_and_the_rest_is_single_runs():
    curve = group([3.0, 2.0], [5.0, 4.0, 1.0, 0.5]).curve("loss")
    assert curve.mean.tolist() == [4.0, 3.0]
    ((x, y),) = curve.rests
    assert (x.tolist(), y.tolist()) == ([2.0, 3.0, 4.0], [4.0, 1.0, 0.5])
    svg = overlaid("loss", "loss", "loss", [group([3.0, 2.0], [5.0, 4.0, 1.0, 0.5])]).svg()
    assert len(svg.findall(".//path[@class='line c0 thin']")) == 1


def test_one_run_has_no_band():
    svg = overlaid("loss", "loss", "loss", [group([1.0, 0.5])]).svg()
    assert svg.find(".//path[@data-low]") is None


def test_a_band_below_zero_is_cut_at_the_edge_of_a_log_scale():
    svg = overlaid("loss", "loss", "loss", [group([1000.0, 1e-3], [1000.0, 10.0])]).svg()
    band = svg.find(".//path[@data-low]")
    assert float(band.get("data-low").split()[1]) < 0
    assert "nan" not in band.get("d")


def test_a_column_without_numbers_has_no_chart():
    assert overlaid("loss", "loss", "loss", [group([math.nan, math.nan])]) is None
    assert overlaid("loss", "error", "error", [group([1.0])]) is None


def test_rings_are_the_best_rows_on_the_mean_and_beyond_it_on_single_runs():
    seeds = [[4.0, 2.0], [2.0, 1.0, 0.5], [3.0, math.nan]]
    svg = overlaid("loss", "loss", "loss", [group(*seeds, best=(0, 2, None))]).svg()
    rings = svg.find(".//g[@class='rings']")
    assert rings.get("data-x") == "1.0 3.0"
    assert rings.get("data-y") == "3.0 0.5"
    assert rings.find("circle/title").text == "best epoch of a"
    assert (
        overlaid("loss", "loss", "loss", [group(*seeds)]).svg().find(".//g[@class='rings']") is None
    )


def losses(*columns):
    """The chart of the training losses of groups of one run each."""
    groups = []
    for k, values in enumerate(columns):
        table = {"epoch": np.arange(1.0, len(values) + 1), "train_loss": np.array(values)}
        groups.append(Group(f"rate {k}", (table,), (None,), k, (0,)))
    return overlaid("train_loss", "train_loss", "training loss", groups)


def test_a_group_far_above_another_or_without_a_mean_takes_nothing_from_it():
    assert losses([0.01, 0.02], [2.0, 1.0]).svg().find(".//g[@class='beyond']") is None
    assert losses([math.nan, 3.0], [2.0, 1.0]).svg().find(".//g[@class='beyond']") is None


def test_a_group_whose_runs_diverged_in_turn_has_no_mean_and_no_say():
    tables = [
        {"epoch": np.array([1.0, 2.0]), "train_loss": np.array(values)}
        for values in ([math.nan, 1.0], [1.0, math.nan])
    ]
    other = {"epoch": np.array([1.0, 2.0]), "train_loss": np.array([2.0, 1.0])}
    groups = [Group("a", tuple(tables), (None, None)), Group("b", (other,), (None,), 1)]
    svg = overlaid("train_loss", "train_loss", "training loss", groups).svg()
    assert svg.find(".//g[@class='beyond']") is None


def test_losses_of_a_group_that_all_but_diverged_are_crosses():
    """The others keep the scale."""
    chart = losses([2.0, 1.0], [3.0, 2.0], [1e30, 4.0])
    assert chart.y.scale == Scale(1.0, 4.0)
    svg = chart.svg()
    assert svg.find(".//g[@class='beyond']").get("data-x") == "1.0"
    curves = {one.get("data-label"): one for one in svg.findall(".//g[@class='curve']")}
    assert curves["rate 2"].get("data-y") == "4.0"
    assert curves["rate 1"].get("data-y") == "3.0 2.0"
    assert len(svg.findall(".//g[@class='rings']")) == 2
