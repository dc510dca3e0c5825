"""Figures as PNG: what the SVG shows, in the colours of the page."""

import io

import numpy as np
import pytest

from cnntrain.reports import raster
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.evidence import Evidence
from cnntrain.reports.scale import Scale
from cnntrain.reports.sections.simplex import simplex

BLUE, ORANGE = (0x00, 0x72, 0xB2), (0xC0, 0x4A, 0x00)


def pixels(figure):
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(raster.png(figure))).convert("RGB"))


def color_at(image, x, y):
    """At a place of the SVG."""
    return tuple(image[round(2 * float(y)), round(2 * float(x))].tolist())


def chart():
    made = Chart("c", "t", "d", Axis("epoch", Scale(0, 2)), Axis("$x_", Scale(0.0, 10.0)))
    made.shade(0.5, 1.0, "shaded")
    made.line("one", [0.0, 1.0, 2.0], [2.0, 5.0, 9.0], 0)
    made.line("<b>$two", [0.0, 1.0, 2.0], [1.0, 8.0, 3.0], 1)
    return made


def test_dots_of_a_curve_are_where_the_svg_has_them():
    figure = chart()
    image, dots = pixels(figure), figure.svg().findall(".//circle")
    for dot, color in zip(dots, 3 * [BLUE] + 3 * [ORANGE], strict=True):
        assert color_at(image, dot.get("cx"), dot.get("cy")) == color


def test_an_image_has_two_pixels_to_one_of_the_page_and_is_white():
    image = pixels(chart())
    assert image.shape[1] == 2 * 480
    assert tuple(image[2, -3].tolist()) == (255, 255, 255)


def test_the_same_figure_is_the_same_image():
    np.testing.assert_array_equal(pixels(chart()), pixels(chart()))


def test_points_of_the_simplex_are_drawn(digits_run):
    (figure,) = simplex(Evidence.of(digits_run)).figures
    image, last = pixels(figure), figure.svg().findall(".//circle")[-1]
    assert color_at(image, last.get("cx"), last.get("cy")) != (255, 255, 255)


@pytest.mark.parametrize(
    ("classes", "key", "value"),
    [
        ("line c0", "stroke", "#0072b2"),
        ("line c0", "fill", "none"),
        ("dot c1", "fill", "#c04a00"),
        ("dot c1", "stroke", "none"),
        ("band c2", "opacity", "0.2"),
        ("tick y", "text-anchor", "end"),
        ("tick x", "text-anchor", "middle"),
        ("name end", "text-anchor", "end"),
        ("grid", "stroke", "#d5dae0"),
    ],
)
def test_styles_are_those_of_the_sheet(classes, key, value):
    style = {}
    for wanted, own in raster.rules():
        if wanted <= {*classes.split()}:
            style |= own
    assert style[key] == value
