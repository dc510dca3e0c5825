"""Legends: in one row above a chart where there is room, and below it where there is none."""

import itertools

from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.legend import CHARACTER
from cnntrain.reports.scale import Scale
from cnntrain.reports.vector import WIDTH


def svg(*labels):
    axes = Axis("epoch", Scale.over([0, 1])), Axis("loss", Scale.over([0, 1]))
    chart = Chart("losses", "loss", "curves", *axes)
    for color, label in enumerate(labels):
        chart.line(label, [0.0, 1.0], [0.0, 1.0], color)
    return chart.svg()


def places(image, labels):
    """Where the words of labels begin, and end about."""
    texts = {text.text: text for text in image.iter("text") if text.text in labels}
    return [
        (float(t.get("y")), float(t.get("x")), float(t.get("x")) + CHARACTER * len(label))
        for label, t in texts.items()
    ]


def height(image):
    return float(image.get("viewBox").split()[-1])


def test_two_short_labels_are_above():
    labels = ["training loss", "validation loss"]
    image = svg(*labels)
    assert {y for y, *_ in places(image, labels)} == {16.0}
    assert height(image) == height(svg("one"))


def test_long_labels_are_below_and_nothing_overlaps():
    labels = [f"a rather long name of group {k}" for k in range(8)]
    image = svg(*labels)
    found = sorted(places(image, labels))
    assert len(found) == 8
    for (y, _, end), (other, start, _) in itertools.pairwise(found):
        assert other > y or start > end
    assert all(end <= WIDTH and y < height(image) for y, _, end in found)


def test_a_curve_alone_needs_no_legend():
    assert places(svg("one"), ["one"]) == []


def test_a_label_longer_than_the_chart_is_cut_in_its_middle():
    texts = [text.text for text in svg("a" * 50 + "b" * 50, "c").iter("text")]
    assert any("a..." in text and text.endswith("b") and len(text) < 70 for text in texts)
