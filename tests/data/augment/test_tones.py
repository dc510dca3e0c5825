"""Brightness, contrast, saturation and noise, against a sample and a value at a time."""

from statistics import NormalDist

import numpy as np
import pytest

from cnntrain.data.augment.brightness import Brightness
from cnntrain.data.augment.contrast import Contrast
from cnntrain.data.augment.noise import Noise
from cnntrain.data.augment.saturation import Saturation
from cnntrain.data.examples import Examples
from cnntrain.data.part import Part
from cnntrain.nn.shapes import MisfitError
from cnntrain.randomness import words_at, words_from

GRAY = (0.299, 0.587, 0.114)


def drawn(bounds, u):
    low, high = bounds if isinstance(bounds, tuple) else (-bounds, bounds)
    return low + (high - low) * u


def kept(kind, image, pixel, part):
    """The value that stays as it is."""
    match kind:
        case Brightness():
            return float(part.x.min())
        case Contrast():
            return image.mean(dtype=np.float64)
        case Saturation():
            return sum(share * float(value) for share, value in zip(GRAY, pixel, strict=True))


def changed(kind, part, epoch, seed):
    """All samples of the part, before they are rounded."""
    words = words_at(0, kind.draws * len(part), "augment", kind.word(), 0, seed, epoch)
    low, high = float(part.x.min()), float(part.x.max())
    result = part.x.astype(np.float64)
    for k, image in enumerate(part.x):
        own = words[k * kind.draws : (k + 1) * kind.draws]
        u = [float(word) / 2**64 for word in own]
        if u[0] >= kind.probability:
            continue
        if isinstance(kind, Noise):
            further = words_from(own[2:], image.size)[0].tolist()
            normal = [NormalDist().inv_cdf((word // 2**11 + 0.5) / 2**53) for word in further]
            deviation = kind.deviation
            share = drawn(deviation if isinstance(deviation, tuple) else (deviation,) * 2, u[1])
            value = image + (high - low) * share * np.reshape(normal, image.shape)
            result[k] = value.clip(low, high)
            continue
        for i, j in np.ndindex(image.shape[:2]):
            m = kept(kind, image, image[i, j], part)
            value = m + (1 + drawn(kind.amount, u[1])) * (image[i, j] - m)
            result[k, i, j] = value.clip(low, high)
    return result


CASES = [
    Brightness(),
    Brightness(amount=(-1.0, 5.0), probability=0.8),
    Contrast(amount=0.9),
    Contrast(amount=(0.0, 10.0)),
    Noise(),
    Noise(deviation=(0.01, 0.5), probability=0.5),
]


@pytest.mark.parametrize("kind", CASES, ids=repr)
def test_every_value_is_what_the_formulas_say(part, augmented, kind):
    check(part, augmented, kind)


def test_every_color_is_what_the_formulas_say(colors, augmented):
    check(colors, augmented, Saturation(amount=(-1.0, 3.0)))


def check(part, augmented, kind):
    """Against a sample and a value at a time."""
    x, right = augmented(part, [kind], epoch=3, seed=5), changed(kind, part, 3, 5)
    assert x.dtype == part.x.dtype
    rounding = 0.5 if x.dtype == np.uint8 else 0
    np.testing.assert_allclose(x, right, rtol=2e-6, atol=2e-5 + rounding)
    assert (x != part.x).any()
    assert x.min() >= part.x.min() and x.max() <= part.x.max()


def test_halves_are_rounded_to_even():
    x = np.array([1, 2, 3, 5, 100, 0], dtype=np.uint8).reshape(1, 1, 6, 1)
    part = Part.whole(Examples(x, np.zeros(1)))
    words = np.zeros((1, 2), dtype=np.uint64)
    found = Brightness(amount=(-0.5, -0.5)).apply(x.copy(), words, 1, part)
    np.testing.assert_array_equal(found.ravel(), [0, 1, 2, 2, 50, 0])


def test_without_any_saturation_pixels_are_gray():
    x = np.random.default_rng(0).integers(0, 256, (4, 5, 5, 3), dtype=np.uint8)
    part = Part.whole(Examples(x, np.zeros(4)))
    words = np.zeros((4, 2), dtype=np.uint64)
    found = Saturation(amount=(-1.0, -1.0)).apply(x.copy(), words, 1, part)
    assert (found == found[..., :1]).all()


def test_noise_is_normal_and_independent():
    x = np.full((40, 20, 20, 1), 0.5)
    x[0, 0, 0], x[1, 0, 0] = -10, 10  # a range that noise does not leave
    part = Part.whole(Examples(x, np.zeros(40)))
    words = words_at(0, 120, "noise").reshape(-1, 3)
    found = (Noise(deviation=0.02).apply(x.copy(), words, 1, part) - x)[2:].ravel() / 0.4
    assert abs(found.mean()) < 0.03 and abs(found.std() - 1) < 0.03
    assert abs(np.mean(found**4) - 3) < 0.3
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.03


def test_what_has_no_colors_is_refused():
    with pytest.raises(MisfitError, match="saturation needs images of 3 channels"):
        Saturation().check_input((8, 8, 1))
    for kind in CASES:
        with pytest.raises(MisfitError, match="needs images or signals, found vectors of 9"):
            kind.check_input((9,))
    Noise().check_input((1, 9, 2))
