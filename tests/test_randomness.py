"""Random numbers as a function of a key: pinned values, fair, independent."""

from __future__ import annotations

import hashlib
from collections import Counter
from math import factorial, sqrt
from statistics import NormalDist

import numpy as np
import pytest

from cnntrain.randomness import (
    as_normal,
    as_symmetric_beta,
    as_uniform,
    normal,
    permutation,
    uniform,
    words,
    words_at,
)


def test_words_are_the_shake_128_stream_of_the_key():
    stream = hashlib.shake_128(b"shuffle\x001\x007").digest(24)
    expected = [int.from_bytes(stream[i : i + 8], "little") for i in (0, 8, 16)]
    assert words(3, "shuffle", 1, 7).tolist() == expected


def test_values_stay_what_they_are():
    assert words(2, 0, "golden").tolist() == [15598996485251477340, 2172063128675094139]
    assert words_at(0, 2, 0, "golden").tolist() == [6389062443994202873, 17860213549060268006]
    assert permutation(8, 0, "golden").tolist() == [2, 7, 1, 4, 6, 3, 0, 5]
    u = [0.84562329389517, 0.11774777814425991, 0.046374274705079765]
    z = [0.5546950693094962, -1.6953359694540933, 0.16636097900453609]
    np.testing.assert_allclose(uniform(3, 0, "golden"), u, rtol=1e-15)
    np.testing.assert_allclose(normal(3, 0, "golden"), z, rtol=1e-14)
    z = as_normal(words(3, 0, "golden")).tolist()
    assert z == [1.017841244130459, -1.186321020505078, -1.6810738314975195]
    pairs = words(6, 0, "golden").reshape(3, 2)
    beta = [0.8229836311345742, 7.981740363094403e-08, 0.996576294022533]
    assert as_symmetric_beta(pairs, 0.2).tolist() == beta


def test_fewer_words_are_the_first_of_more():
    np.testing.assert_array_equal(words(3, "a"), words(100, "a")[:3])


@pytest.mark.parametrize(("start", "count"), [(0, 5), (1, 1), (3, 4), (4, 9), (90, 10)])
def test_a_sequence_may_be_read_from_anywhere(start, count):
    found = words_at(start, count, "a", 1)
    np.testing.assert_array_equal(found, words_at(0, 100, "a", 1)[start : start + count])
    assert found.dtype == np.uint64


@pytest.mark.parametrize("other", [(1, "b", 3), (1, "a", 2), (2, "a", 3), (1, "a"), ("1a", 3)])
def test_another_key_gives_other_words(other):
    assert not set(words(100, 1, "a", 3).tolist()) & set(words(100, *other).tolist())
    assert not set(words_at(0, 100, 1, "a", 3).tolist()) & set(words_at(0, 100, *other).tolist())


def test_a_number_and_its_text_are_the_same_key():
    np.testing.assert_array_equal(words(3, 1, "2"), words(3, "1", 2))


def test_words_set_every_bit_half_the_time():
    for drawn in (words(20_000, "bits"), words_at(7, 20_000, "bits")):
        bits = np.unpackbits(drawn.view(np.uint8).reshape(-1, 8), axis=1)
        np.testing.assert_allclose(bits.mean(axis=0), 0.5, atol=5 * 0.5 / sqrt(20_000))


def test_every_order_is_equally_likely():
    draws = 12_000
    seen = Counter(tuple(permutation(4, "order", i).tolist()) for i in range(draws))
    expected = draws / factorial(4)
    assert len(seen) == factorial(4)
    chi_square = sum((count - expected) ** 2 / expected for count in seen.values())
    assert chi_square < 55  # 23 degrees of freedom: 1 in 5000


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_a_permutation_has_every_number_once(count):
    order = permutation(count, "order")
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(count))


def test_uniform_numbers_are_even_and_never_zero():
    u = uniform(100_000, "u")
    assert u.min() > 0 and u.max() <= 1
    counts, _ = np.histogram(u, bins=50, range=(0, 1))
    chi_square = float(np.sum((counts - 2000.0) ** 2 / 2000))
    assert chi_square < 90  # 49 degrees of freedom: 1 in 3000


def test_normal_numbers_have_the_moments_of_a_normal_distribution():
    z = normal(100_001, "z")
    assert z.shape == (100_001,)
    assert abs(z.mean()) < 5 / sqrt(z.size)
    assert abs(np.mean(z**2) - 1) < 5 * sqrt(2 / z.size)
    assert abs(np.mean(z**3)) < 5 * sqrt(15 / z.size)
    assert abs(np.mean(z**4) - 3) < 5 * sqrt(96 / z.size)
    assert abs(np.mean(z[:50_000] * z[50_001:100_001])) < 5 / sqrt(50_000)


def test_an_odd_count_of_normal_numbers_is_exact():
    assert [normal(n, "z").size for n in (0, 1, 2, 3)] == [0, 1, 2, 3]


def test_words_as_normal_numbers_are_quantiles():
    """To 6 digits, the rarest included: those that are nearest to 0 and 1."""
    drawn = np.concatenate([words(20_000, "q"), [2**11, 2**40, 2**64 - 2**40]]).astype(np.uint64)
    right = [NormalDist().inv_cdf(float(u)) for u in as_uniform(drawn)]
    np.testing.assert_allclose(as_normal(drawn), right, rtol=1e-6, atol=1e-12)
    extremes = as_normal(np.array([[0, 2**64 - 1]], dtype=np.uint64))
    assert extremes.shape == (1, 2) and extremes[0, 0] == -extremes[0, 1] < -8


@pytest.mark.parametrize("a", [0.01, 0.2, 0.5, 1.0, 2.5, 1000.0])
def test_symmetric_beta_numbers_have_the_moments_of_their_distribution(a):
    x = as_symmetric_beta(words(100_000, "beta").reshape(-1, 2), a)
    assert x.shape == (50_000,) and x.min() >= 0 and x.max() <= 1
    variance = 1 / (4 * (2 * a + 1))
    kurtosis = 3 - 6 / (2 * a + 3)
    assert abs(x.mean() - 0.5) < 5 * sqrt(variance / x.size)
    fourth = kurtosis * variance**2
    assert abs(x.var() - variance) < 5 * sqrt(fourth / x.size)
    assert np.mean((x - 0.5) ** 4) == pytest.approx(fourth, rel=0.05)


def test_at_1_they_are_uniform():
    x = as_symmetric_beta(words(200_000, "beta").reshape(-1, 2), 1.0)
    counts, _ = np.histogram(x, bins=50, range=(0, 1))
    assert float(np.sum((counts - 2000.0) ** 2 / 2000)) < 90
