"""Pictures inside a page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cnntrain.reports.png import as_gray, as_pixels, picture, png


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (3, 4, 3), (200, 300, 3)])
def test_pillow_reads_the_same_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels)


def test_an_element_holds_its_picture():
    made = picture(np.zeros((4, 2), np.uint8), "a <b>", 64.0)
    data = base64.b64decode(made.get("src").removeprefix("data:image/png;base64,"))
    assert Image.open(io.BytesIO(data)).size == (2, 4)
    assert (made.get("width"), made.get("height"), made.get("alt")) == ("32", "64", "a <b>")


def test_values_become_gray():
    assert as_gray(np.array([[-1.0, 0.0], [1.0, 1.0]])).tolist() == [[0, 128], [255, 255]]
    assert as_gray(np.ones((1, 2))).tolist() == [[128, 128]]


def test_raw_pictures_are_gray_or_have_three_colors():
    assert as_pixels(np.array([[[0], [16]]], np.uint8), 0, 16).tolist() == [[0, 255]]
    assert as_pixels(np.zeros((2, 2, 3), np.uint8), 0, 255).shape == (2, 2, 3)
    assert as_pixels(np.zeros((2, 2, 5), np.uint8), 0, 255).shape == (2, 2)
