"""Charts: what is drawn is what was measured."""

import math

import numpy as np
import pytest

from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.reduce import envelope
from cnntrain.reports.scale import Scale
from cnntrain.reports.shapes import MOST_POINTS
from cnntrain.reports.vector import LEFT, RIGHT, WIDTH


def chart(x, y, **options):
    scales = Axis("epoch", Scale.over(x)), Axis("loss", Scale.over(y, **options))
    made = Chart("losses", "loss by epoch", "a curve", *scales)
    made.line("training loss", x, y)
    return made


def curve(svg):
    return svg.find(".//g[@class='curve']")


def test_a_curve_holds_its_values_with_all_their_digits():
    x, y = [1.0, 2.0, 3.0], [0.1 + 0.2, 1 / 3, 1e-7]
    group = curve(chart(x, y).svg())
    assert [float(v) for v in group.get("data-x").split()] == x
    assert [float(v) for v in group.get("data-y").split()] == y


def test_points_are_where_the_axes_say():
    svg = chart([0.0, 1.0, 2.0], [0.0, 5.0, 10.0]).svg()
    dots = svg.findall(".//circle")
    across = [float(dot.get("cx")) for dot in dots]
    assert across == [LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT]
    up = [float(dot.get("cy")) for dot in dots]
    assert up[0] - up[1] == up[1] - up[2] > 0  # larger values are higher


def test_a_curve_is_broken_where_numbers_are_not_finite():
    group = curve(chart([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, math.nan, 3.0, math.inf]).svg())
    path = group.find("path").get("d")
    assert (path.count("M"), path.count("L")) == (2, 1)
    assert len(group.findall("circle")) == 3


def test_long_curves_keep_what_sticks_out():
    y = np.sin(np.arange(10_000)).tolist()
    y[6_543], y[17] = 50.0, -50.0
    x, kept = envelope(range(10_000), y, MOST_POINTS)
    assert len(x) <= MOST_POINTS
    assert (min(kept), max(kept)) == (-50.0, 50.0)
    assert (x[0], x[-1]) == (0, 9_999)
    assert all(y[k] == value for k, value in zip(x, kept, strict=True))


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [math.nan, math.nan]])
def test_there_is_a_chart_of_little(values):
    svg = chart([float(k) for k in range(len(values))], values).svg()
    assert svg.find("title").text == "loss by epoch"


def test_points_off_the_scale_are_crosses_at_the_upper_edge():
    axes = Axis("rate", Scale.over([0, 3])), Axis("loss", Scale.over([1.0, 2.0]))
    made = Chart("tried", "loss by rate", "points", *axes)
    made.points("trial", [0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 5.0, math.inf])
    svg = made.svg()
    assert svg.find(".//g[@class='points']").get("data-x") == "0.0 1.0"
    beyond = svg.find(".//g[@class='beyond']")
    assert beyond.get("data-x") == "2.0 3.0"
    top = min(float(dot.get("cy")) for dot in svg.findall(".//circle"))
    assert all(f" {top - 4:g}L" in path.get("d") for path in beyond)


def test_dots_have_areas_as_their_sizes():
    axes = Axis("rate", Scale.over([0, 3])), Axis("loss", Scale.over([1.0, 2.0]))
    made = Chart("tried", "loss by rate", "points", *axes)
    made.points("trial", [0.0, 1.0, 2.0], [1.0, math.inf, 2.0], sizes=[100, 1, 25])
    large, small = [float(dot.get("r")) for dot in made.svg().findall(".//circle")]
    assert large**2 / small**2 == pytest.approx(4)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (0.0002345, "2.345e-4"), (-1e-5, "-1e-5"), (1234.5, "1234")],
)
def test_labels_have_room_beside_the_axis(value, text):
    assert Axis("loss", Scale(0, 1)).text(value) == text
