"""Shifted, cropped, turned and zoomed images, against a sample and a pixel at a time."""

from math import cos, floor, radians, sin, sqrt

import numpy as np
import pytest

from cnntrain.data.augment.crop import Crop
from cnntrain.data.augment.rotate import Rotate
from cnntrain.data.augment.shift import Shift
from cnntrain.data.augment.zoom import Zoom
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError
from cnntrain.randomness import words_at


def drawn(bounds, u):
    low, high = bounds if isinstance(bounds, tuple) else (-bounds, bounds)
    return low + (high - low) * u


def place_of(kind, u, i, j, height, width):
    """Where pixel (i, j) comes from, as the docstrings have it."""
    middle, centre = (height - 1) / 2, (width - 1) / 2
    match kind:
        case Shift():
            down, across = kind._distances(height)
            return i - (floor(u[0] * (2 * down + 1)) - down), j - (
                floor(u[1] * (2 * across + 1)) - across
            )
        case Rotate():
            angle = radians(drawn(kind.degrees, u[0]))
            c, s, i, j = cos(angle), sin(angle), i - middle, j - centre
            return middle + c * i + s * j, centre + c * j - s * i
        case Zoom():
            larger = 1 + drawn(kind.percent, u[0]) / 100
            return middle + (i - middle) / larger, centre + (j - centre) / larger
        case Crop():
            scale, ratio = (b if isinstance(b, tuple) else (b, b) for b in (kind.scale, kind.ratio))
            area = height * width * drawn(scale, u[0])
            high = min(max(sqrt(area * drawn(ratio, u[1])), area / width), height)
            wide = area / high
            top, left = u[2] * (height - high), u[3] * (width - wide)
            return top + (i + 0.5) * high / height - 0.5, left + (j + 0.5) * wide / width - 0.5


def pixel(image, i, j, fill, color):
    """That of a row and a column, which may be beyond the edges."""
    height, width, _ = image.shape
    if fill in ("zero", "mean") and not (0 <= i < height and 0 <= j < width):
        return color
    if fill == "reflect":
        i, j = (walked(k, size) for k, size in ((i, height), (j, width)))
    return image[min(max(i, 0), height - 1), min(max(j, 0), width - 1)].astype(float)


def walked(k, size):
    """From 0 in steps to k, and back at each end."""
    at, step = 0, 1 if k > 0 else -1
    for _ in range(abs(k) if size > 1 else 0):
        if not 0 <= at + step < size:
            step = -step
        at += step
    return at


def moved(kind, part, epoch, seed):
    """All samples of the part, before they are rounded."""
    draws, whole = kind.draws, part.x.dtype == np.uint8
    words = words_at(0, draws * len(part), "augment", kind.word(), 0, seed, epoch)
    means = part.x.mean(axis=(0, 1, 2), dtype=np.float64)
    color = np.zeros_like(means) if kind.fill == "zero" else np.rint(means) if whole else means
    result = part.x.astype(np.float64)
    for k, image in enumerate(part.x):
        u = [float(word) / 2**64 for word in words[k * draws : (k + 1) * draws]]
        if u[0] >= kind.probability:
            continue
        for i, j in np.ndindex(image.shape[:2]):
            s, t = place_of(kind, u[1:], i, j, *image.shape[:2])
            row, column = floor(s + 1e-12), floor(t + 1e-12)
            result[k, i, j] = sum(
                max(1 - abs(s - a), 0)
                * max(1 - abs(t - b), 0)
                * pixel(image, a, b, kind.fill, color)
                for a in (row, row + 1)
                for b in (column, column + 1)
            )
    return result


CASES = [
    Shift(),
    Shift(pixels=3, fill="reflect"),
    Shift(pixels=(3,), fill="zero", probability=0.7),
    Shift(pixels=(0, 3), fill="mean"),
    Zoom(percent=20.0),
    Zoom(percent=(-80.0, -50.0), fill="reflect"),
    Zoom(percent=(-50.0, 100.0), fill="zero"),
    Crop(),
    Crop(scale=0.1, ratio=(0.01, 100.0), probability=0.9),
    Crop(scale=(0.9, 1.0), ratio=1.0, fill="mean"),
]
TURNS = [
    Rotate(degrees=30.0),
    Rotate(degrees=(90.0, 180.0), fill="reflect"),
    Rotate(degrees=180.0, fill="mean", probability=0.5),
]


@pytest.mark.parametrize("kind", CASES, ids=repr)
def test_every_pixel_is_what_the_formulas_say(part, augmented, kind):
    check(part, augmented, kind)


@pytest.mark.parametrize("kind", TURNS, ids=repr)
def test_every_pixel_of_a_turned_image_is_what_the_formulas_say(images, augmented, kind):
    check(images, augmented, kind)


def check(part, augmented, kind):
    """Against a sample and a pixel at a time."""
    x, right = augmented(part, [kind], epoch=3, seed=5), moved(kind, part, 3, 5)
    assert x.dtype == part.x.dtype
    rounding = 0.5 if x.dtype == np.uint8 else 0
    np.testing.assert_allclose(x, right, rtol=1e-6, atol=1e-6 + rounding)
    assert (x != part.x).any()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_are_those_of_numpy(turns):
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 2))
    angle = 90.0 * turns - 360 * (turns == 3)
    part = Part.whole(Examples(x, np.zeros(1)))
    words = np.zeros((1, 2), dtype=np.uint64)
    found = Rotate(degrees=(angle, angle)).apply(x.copy(), words, 1, part)
    np.testing.assert_allclose(found[0], np.rot90(x[0], turns), atol=1e-12)


def test_what_is_not_moved_keeps_its_bits():
    x = np.random.default_rng(0).normal(size=(50, 5, 4, 3)).astype(np.float32)
    part = Part.whole(Examples(x, np.zeros(50)))
    words = np.random.default_rng(1).integers(0, 2**64, (50, 5), dtype=np.uint64)
    nothing = [Rotate(degrees=(0.0, 0.0)), Zoom(percent=(0.0, 0.0)), Crop(scale=1.0, ratio=1.25)]
    for kind in nothing:
        found = kind.apply(x.copy(), words, 1, part)
        np.testing.assert_allclose(found, x, rtol=1e-5, atol=1e-6)
    words[:, 1:3] = 2**63
    for kind in (Shift(pixels=2), nothing[0]):
        found = kind.apply(x.copy(), words[:, : kind.draws], 1, part)
        np.testing.assert_array_equal(found, x)


def test_all_distances_of_a_shift_are_equally_likely():
    x = np.zeros((5000, 7, 7, 1), dtype=np.uint8)
    x[:, 3, 3] = 1
    part = Part.whole(Examples(x, np.zeros(5000)))
    words = words_at(0, 15000, "a").reshape(-1, 3)
    counts = Shift(pixels=2, fill="zero").apply(x.copy(), words, 1, part).sum(axis=(0, 3))
    assert counts[1:6, 1:6].sum() == 5000
    assert (np.abs(counts[1:6, 1:6] - 200.0) < 60).all()


@pytest.mark.parametrize(
    ("kind", "shape", "said"),
    [
        (Rotate(), (9,), "rotate needs images or signals, found vectors of 9"),
        (Rotate(), (1, 9, 2), "rotate needs images of two rows at least, found one row"),
        (Shift(pixels=8), (8, 9, 1), "shift by 8x8 pixels needs larger inputs, found 8x9 pixels"),
        (Shift(pixels=(3, 9)), (8, 9, 1), "shift by 3x9 pixels needs larger inputs"),
        (Shift(pixels=9), (1, 9, 1), "shift by 0x9 pixels needs larger inputs, found 9 steps"),
        (Zoom(), (9,), "zoom needs images or signals"),
        (Crop(), (9,), "crop needs images or signals"),
    ],
)
def test_what_does_not_fit_is_refused(kind, shape, said):
    with pytest.raises(MisfitError, match=said):
        kind.check_input(shape)


def test_signals_are_moved_along():
    Shift(pixels=8).check_input((1, 9, 2))
    Zoom().check_input((1, 9, 2))
    Crop().check_input((1, 9, 2))
