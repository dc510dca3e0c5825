"""exp and log in C: their error over all numbers, in units in the last place of the exact value."""

from __future__ import annotations

import os

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.functions import functions
from cnntrain.nn.engines.compiled.structures import address

BOUND = 2  # units in the last place
FUNCTIONS = [("exponentials", np.exp), ("logarithms", np.log)]
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, -1.0, 1.0, 5e-324, 1e-320, 1e308, -745.2, 709.7]


def call(library, name, x):
    padded = np.resize(x, -(-x.size // 16) * 16)
    y = np.empty_like(padded)
    functions(library, x.dtype)[name](address(padded), address(y), y.size)
    return y[: x.size]


def largest_error(found, exact):
    """`exact` in a wider type."""
    rounded = exact.astype(found.dtype)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(rounded))
    finite = np.isfinite(rounded) & np.isfinite(found)
    other = ~finite & ~np.isnan(rounded)
    np.testing.assert_array_equal(found[other], rounded[other])
    unit = np.spacing(np.abs(rounded[finite])).astype(exact.dtype)
    return float((np.abs(found[finite].astype(exact.dtype) - exact[finite]) / unit).max(initial=0))


@np.errstate(all="ignore")
def check(library, name, function, bits):
    x = bits.astype(np.uint32).view(np.float32)
    assert largest_error(call(library, name, x), function(x.astype("f8"))) <= BOUND


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_single_precision(name, function, library):
    check(library, name, function, np.arange(0, 2**32, 1009, dtype=np.uint64))


# One number in so many; CNNTRAIN_EVERY=1 tries all, in some minutes.
EVERY = int(os.environ.get("CNNTRAIN_EVERY", "101"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_the_numbers_of_single_precision(name, function, library):
    for start in range(0, 2**32, EVERY * 2**24):
        stop = min(start + EVERY * 2**24, 2**32)
        check(library, name, function, np.arange(start, stop, EVERY, dtype=np.uint64))


@np.errstate(all="ignore")
@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_double_precision(name, function, library):
    rng = np.random.default_rng(0)
    exponents = rng.uniform(-740, 709, 200_000)
    x = np.concatenate([exponents, np.exp(exponents), rng.uniform(0.5, 2, 100_000), SPECIAL])
    assert largest_error(call(library, name, x), function(x.astype(np.longdouble))) <= BOUND
