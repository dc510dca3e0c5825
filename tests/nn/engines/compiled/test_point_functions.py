"""Functions of one number in C: errors of values and derivatives, far out and near 0 too."""

from __future__ import annotations

from ctypes import byref

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.functions import functions
from cnntrain.nn.engines.compiled.parts.point import PointFunctionC
from cnntrain.nn.engines.compiled.structures import LANES, ImageC, address, aligned_zeros


def values_and_slopes(library, name, x, **settings):
    """What the stage makes of the numbers `x`, and of a gradient of 1."""
    count = -(-x.size // LANES)
    arrays = {each: aligned_zeros((count, LANES), x.dtype) for each in ("x", "dx", "y", "dy")}
    arrays["x"].flat[:] = np.resize(x, count * LANES)
    arrays["dy"][...] = 1
    given = PointFunctionC(groups=1, channels=count, height=1, width=1, **settings)
    for each, array in arrays.items():
        setattr(given, each, ImageC(address(array), array.size, LANES, LANES))
    for way in ("forward", "backward"):
        functions(library, x.dtype)[f"{name}_{way}"](byref(given))
    return arrays["y"].ravel()[: x.size], arrays["dx"].ravel()[: x.size]


def elu(x):
    return np.where(x >= 0, x, np.expm1(x)), np.where(x >= 0, 1, np.exp(x))


def tanh(x):
    return np.tanh(x), 1 / np.cosh(x) ** 2


def logistic(x):
    power = np.exp(-np.abs(x))
    return np.where(x < 0, power, 1) / (1 + power)


def sigmoid(x):
    return logistic(x), logistic(x) * logistic(-x)


def silu(x):
    return x * logistic(x), logistic(x) * (1 + x * logistic(-x))


def gelu(x):
    bell = np.exp(-x * x / 2) / np.sqrt(2 * np.asarray(np.pi, x.dtype))
    distribution = phi_by_series(x, bell)
    return x * distribution, distribution + x * bell


def phi_by_series(x, bell):
    """Phi(x) = 1/2 + phi(x) (x + x^3 / 3 + x^5 / (3 5) + ...); beyond 2 the continued fraction
    Phi(-a) = phi(a) / (a + 1 / (a + 2 / (a + 3 / ...))), which is Laplace's."""
    a = np.minimum(np.abs(x), 60)
    near, term = np.zeros_like(a), np.minimum(a, 2)
    for n in range(60):
        near += term
        term = term * np.minimum(a, 2) ** 2 / (2 * n + 3)
    fraction = np.maximum(a, 2)
    for n in range(300, 0, -1):
        fraction = np.maximum(a, 2) + n / fraction
    tail = np.where(a < 2, 0.5 - bell * near, bell / fraction)
    return np.where(x < 0, tail, 1 - tail)


# Units in the last place of y, and in that of 1 for the derivative, which is never much larger.
BOUNDS = {
    "elu": (elu, 2, 1),
    "hyperbolic_tangent": (tanh, 3, 3),
    "sigmoid": (sigmoid, 3, 1),
    "silu": (silu, 4, 2),
    "gelu": (gelu, 8, 3),
}


def numbers(dtype):
    """Of all sizes, and many between -2 and 2, where most inputs are; in single precision every
    10007th of those that there are."""
    rng = np.random.default_rng(0)
    size = np.finfo(dtype)
    tiny, huge = np.log(size.tiny), np.log(size.max)
    of_all_sizes = np.exp(rng.uniform(tiny * 0.999, huge * 0.999, 50_000))
    ends = [0.0, -0.0, np.inf, size.max, -size.max, size.tiny, size.smallest_subnormal]
    usual = rng.uniform(-2, 2, 200_000), rng.uniform(-40, 40, 50_000)
    x = [of_all_sizes, -of_all_sizes, *usual, ends]
    if dtype == np.float32:
        every = np.arange(0, 2**32, 10007, dtype=np.uint64).astype(np.uint32).view(np.float32)
        x.append(every[~np.isnan(every)])
    return np.concatenate([np.asarray(each).astype(dtype) for each in x])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BOUNDS)
@np.errstate(all="ignore")
def test_the_bounds_hold(name, dtype, library):
    exact, of_value, of_slope = BOUNDS[name]
    x = numbers(np.dtype(dtype))
    y, slope = values_and_slopes(library, name, x, alpha=1.0)
    wide = x.astype(np.float64 if dtype == "float32" else np.longdouble)
    right, right_slope = exact(wide)
    size = np.finfo(dtype)
    unit = np.spacing(np.abs(right.astype(dtype))).astype(wide.dtype)
    finite = np.isfinite(x)
    vanishing = np.abs(wide) * size.smallest_subnormal  # what a factor too small to be normal loses
    assert (np.abs(y - right) <= of_value * unit + vanishing)[finite].all()
    assert (np.abs(slope - right_slope) <= of_slope * size.eps + vanishing)[finite].all()
    np.testing.assert_array_equal(np.signbit(y[x == 0]), np.signbit(x[x == 0]) & (y[x == 0] == 0))
    np.testing.assert_array_equal(y[~finite], right[~finite])


@pytest.mark.parametrize("name", ["rectifier", "rounded_rectifier", *BOUNDS])
def test_what_is_no_number_stays_none(name, library):
    x = np.array([np.nan, 1, -1])
    y, _ = values_and_slopes(library, name, x, alpha=1.0, radius=0.5)
    assert np.isnan(y).tolist() == [True, False, False]
