"""Curves in characters."""

import math

import pytest

from cnntrain.cli.plot import plot

RISE = [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_curve_by_hand():
    text = plot(
        "loss", [1, 2, 3, 4, 5], {"t": RISE}, lambda v: f"{v:g}", best=2, width=14, height=5
    )
    assert text.splitlines() == [
        "loss",
        "5 |         t",
        "  |       t",
        "  |     t",
        "  |   t",
        "1 | t",
        "  +-----------",
        "    1 ^ best 2 5 epoch",
    ]


@pytest.mark.parametrize("width", [20, 60, 200])
@pytest.mark.parametrize("count", [1, 2, 30, 5000])
def test_a_plot_fits_and_shows_both_ends(width, count):
    curve = [1 + i / count for i in range(count)]
    lines = plot("x", range(1, count + 1), {"v": curve}, "{:.3g}".format, width=width).splitlines()
    assert all(len(line) <= width for line in lines[1:-2])
    assert max(len(line) for line in lines[-2:-1]) <= width
    assert lines[-1].split()[0] == "1"
    assert f" {count} epoch" in lines[-1]
    assert "v" in lines[8] and (count == 1 or "v" in lines[1])


def test_a_scale_over_decades_is_logarithmic_and_says_so():
    text = plot("loss", [1, 2, 3], {"t": [1.0, 0.1, 0.01]}, lambda v: f"{v:g}", height=3, width=12)
    title, *rows = text.splitlines()
    assert title == "loss, log scale"
    assert [row.rstrip()[-1] for row in rows[:3]] == ["t", "t", "t"]


def test_what_is_not_finite_is_left_out():
    text = plot("x", [1, 2], {"t": [math.nan, 1.0], "v": [math.inf, 2.0]}, str)
    assert [line[-1] for line in text.splitlines() if "|" in line and line[-1] in "tv"] == [
        "v",
        "t",
    ]
    assert plot("x", [1], {"t": [math.nan]}, str) == "x: no finite value"


def test_a_single_epoch_is_named_once():
    assert plot("x", [1], {"t": [0.5]}, str).splitlines()[-1].split() == ["1", "epoch"]


def test_where_curves_meet_both_are_told():
    text = plot("x", [1, 2], {"t": [1.0, 2.0], "v": [1.0, 3.0]}, lambda v: f"{v:g}", height=3)
    title, high, middle, low, *_ = text.splitlines()
    assert (title, low) == ("x, = both", "1 | =")
    assert (high[-1], middle[-1]) == ("v", "t")
    assert "both" not in plot("x", [1, 2], {"t": [1.0, 2.0], "v": [2.0, 1.0]}, str)
