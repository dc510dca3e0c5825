"""Resampled images have the same bytes in C and in NumPy."""

import numpy as np
import pytest

from cnntrain.nn.engines import normals, resampling
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.normals import normals_from
from cnntrain.nn.engines.resampling import resample

RANDOM = np.random.default_rng(0)
SHAPES = [(70, 9, 7, 3), (3, 1, 40, 2), (2, 30, 1, 1), (1, 1, 1, 4), (5, 33, 64, 1)]


@pytest.fixture
def without_library(monkeypatch):
    """Calls that make NumPy compute, as where there is no library."""
    if isinstance(load(), str):
        pytest.skip("there is no compiled engine to compare with")

    def call(function, *given):
        with monkeypatch.context() as patch:
            for module in (resampling, normals):
                patch.setattr(module, "load", lambda: "none")
            return function(*given)

    return call


@pytest.mark.parametrize("beyond", ["edge", "reflect", "color"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_c_and_numpy_agree_to_the_bit(shape, dtype, beyond, without_library):
    x = (RANDOM.random(shape) * 255).astype(dtype)
    maps = RANDOM.normal(scale=2, size=(len(x), 6))
    maps[:, 2::3] += RANDOM.normal(scale=20, size=(len(x), 2))
    maps[::3] = np.rint(maps[::3])  # exactly on pixels
    if beyond == "color":
        beyond = RANDOM.integers(0, 255, shape[-1]).astype(dtype)
    before = x.copy()
    mine = resample(x, maps, beyond)
    np.testing.assert_array_equal(mine, without_library(resample, x, maps, beyond))
    np.testing.assert_array_equal(x, before)
    assert mine.dtype == dtype and not np.shares_memory(mine, x)


def test_images_may_have_gaps_and_be_none(without_library):
    x, maps = RANDOM.random((8, 6, 5, 2)), np.tile([0, 1.0, 0.5, -1, 0.1, 4], (4, 1))
    found = resample(x[::2, ::-1], maps, "edge")
    np.testing.assert_array_equal(found, resample(x[::2, ::-1].copy(), maps, "edge"))
    np.testing.assert_array_equal(found, without_library(resample, x[::2, ::-1], maps, "edge"))
    assert resample(x[:0], maps[:0], "edge").shape == (0, 6, 5, 2)
    assert without_library(resample, x[:0], maps[:0], "edge").shape == (0, 6, 5, 2)


def test_normal_numbers_agree_to_the_bit(without_library):
    words = RANDOM.integers(0, 2**64, 300, dtype=np.uint64)
    for count in (1, 63, 64, 65, 1000):
        mine = normals_from(words, count)
        np.testing.assert_array_equal(mine, without_library(normals_from, words, count))


def test_the_rarest_normal_numbers_agree(without_library):
    """Words from which the smallest and the largest uniform numbers follow, found backwards."""
    rare = [0, 1, 2**11, 2**40, 2**45, 2**64 - 1, 2**64 - 2**30, 2**63]
    words = np.array([preceding(value) for value in rare], dtype=np.uint64)
    mine = normals_from(words, 1)
    np.testing.assert_array_equal(mine, without_library(normals_from, words, 1))
    assert mine.min() < -8 and mine.max() > 8


def preceding(value):
    """The word that SplitMix64 makes `value` of, as the first that follows."""
    for shift, factor in ((31, 0x94D049BB133111EB), (27, 0xBF58476D1CE4E5B9), (30, None)):
        z = value
        for _ in range(3):
            z = value ^ z >> shift
        value = z * pow(factor, -1, 2**64) % 2**64 if factor else z
    return (value - 0x9E3779B97F4A7C15) % 2**64
