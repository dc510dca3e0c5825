"""Erased rectangles, against a sample and a pixel at a time."""

from math import sqrt

import numpy as np
import pytest

from cnntrain.data.augment.erase import Erase
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError
from cnntrain.randomness import words_at, words_from


def drawn(bounds, u):
    low, high = bounds if isinstance(bounds, tuple) else (bounds, bounds)
    return low + (high - low) * u


def height_and_width(erase, u_area, u_ratio, height, width):
    if isinstance(erase.size, int):
        return min(erase.size, height) if height == 1 else erase.size, erase.size
    if erase.size != "none":
        return erase.size if len(erase.size) == 2 else (1, *erase.size)
    area = drawn(erase.fraction, u_area) * height * width
    high = sqrt(area * drawn(erase.ratio, u_ratio))
    high = max(round(min(max(high, area / width), height)), 1)
    return high, min(max(round(area / high), 1), width)


def color(erase, part, word, number, channel):
    """What pixel `number` of a rectangle is painted with."""
    whole = part.x.dtype == np.uint8
    if erase.fill == "zero":
        return 0
    if erase.fill == "mean":
        mean = part.x[..., channel].mean(dtype=np.float64)
        return round(mean) if whole else part.x.dtype.type(mean)
    drawn = int(words_from(np.array([word]), 4096)[0, number * part.x.shape[-1] + channel])
    low, high = part.x.min(), part.x.max()
    if whole:
        return int(low) + int(drawn / 2**64 * (int(high) - int(low) + 1))
    return part.x.dtype.type(float(low) + (float(high) - float(low)) * (drawn / 2**64))


def erased(erase, part, epoch, seed):
    """All samples of the part, as the docstring has it."""
    words = words_at(0, 6 * len(part), "augment", "erase", 0, seed, epoch).reshape(-1, 6)
    result = part.x.copy()
    count, height, width, channels = result.shape
    for k in range(count):
        u = [float(word) / 2**64 for word in words[k]]
        if u[0] >= erase.probability:
            continue
        high, wide = height_and_width(erase, u[1], u[2], height, width)
        top, left = int(u[3] * height) - high // 2, int(u[4] * width) - wide // 2
        number = 0
        for i in range(max(top, 0), min(top + high, height)):
            for j in range(max(left, 0), min(left + wide, width)):
                for c in range(channels):
                    result[k, i, j, c] = color(erase, part, words[k, 5], number, c)
                number += 1
    return result


CASES = [
    {"fraction": 0.25},
    {"fraction": 0.25, "fill": "zero", "probability": 1.0},
    {"fraction": (0.02, 0.4), "ratio": (0.3, 3.3), "fill": "random"},
    {"fraction": (0.5, 1.0), "ratio": (0.01, 100.0), "probability": 1.0},
    {"size": 3, "fill": "random", "probability": 0.8},
    {"size": (1, 4)},
    {"size": (4,)},
    {"size": 1, "probability": 0.0},
]


@pytest.mark.parametrize("settings", CASES, ids=str)
def test_every_pixel_is_what_the_formulas_say(part, augmented, settings):
    erase = Erase(**settings)
    x = augmented(part, [erase], epoch=3, seed=5)
    assert x.dtype == part.x.dtype
    np.testing.assert_allclose(x, erased(erase, part, 3, 5), rtol=1e-6)


@pytest.mark.parametrize(
    ("size", "row", "column", "rows", "columns"),
    [
        ((3, 2), 4, 4, (3, 6), (3, 5)),
        ((3, 2), 0, 0, (0, 2), (0, 1)),  # over the edge: cut off
        (4, 7, 7, (5, 8), (5, 8)),
    ],
)
def test_the_centre_may_be_any_pixel(size, row, column, rows, columns):
    x = np.ones((1, 8, 8, 1), dtype=np.uint8)
    part = Part.whole(Examples(x, np.zeros(1)))
    words = np.array([[0, 0, 0, row << 61, column << 61, 0]], dtype=np.uint64)
    found = Erase(size=size, fill="zero").apply(x.copy(), words, 1, part)
    expected = x.copy()
    expected[0, slice(*rows), slice(*columns)] = 0
    np.testing.assert_array_equal(found, expected)


def test_what_does_not_fit_is_refused():
    with pytest.raises(MisfitError, match="erase needs images or signals, found vectors of 9"):
        Erase(fraction=0.5).check_input((9,))
    with pytest.raises(MisfitError, match="size 9x9 needs inputs as large, found 8x8 pixels"):
        Erase(size=9).check_input((8, 8, 1))
    with pytest.raises(MisfitError, match="size 1x12 needs inputs as large, found 9 steps"):
        Erase(size=12).check_input((1, 9, 2))
    Erase(size=9).check_input((1, 9, 2))
