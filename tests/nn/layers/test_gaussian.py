"""The normal distribution function as close to the right one as its module says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnntrain.nn.layers.gaussian import distribution_and_density


@pytest.mark.parametrize(
    ("dtype", "relative"), [(np.float64, 1e-12), (np.float32, 1e-4)], ids=["double", "single"]
)
def test_the_bounds_hold(dtype, relative):
    x = np.unique(np.concatenate([np.linspace(-40, 40, 40_001), np.linspace(-1, 1, 4_001)]))
    x = x.astype(dtype)
    distribution, density = distribution_and_density(x)
    exact = np.array([math.erfc(-float(a) / math.sqrt(2)) / 2 for a in x])
    error = np.abs(distribution - exact)
    assert error.max() <= 3 * np.finfo(dtype).eps
    normal = exact >= np.finfo(dtype).tiny
    assert (error[normal] / exact[normal]).max() <= relative
    assert (error[x > -1] / exact[x > -1]).max() <= 10 * np.finfo(dtype).eps
    bell = np.exp(-np.square(x, dtype=np.float64) / 2) / math.sqrt(2 * math.pi)
    assert np.abs(density - bell).max() <= np.finfo(dtype).eps
    assert distribution.dtype == density.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_grows_from_0_to_1_and_is_a_half_at_0(dtype):
    ends = np.array([-np.inf, np.finfo(dtype).min, 0, np.finfo(dtype).max, np.inf], dtype)
    distribution, density = distribution_and_density(ends)
    np.testing.assert_allclose(distribution, [0, 0, 0.5, 1, 1], rtol=2e-7)
    assert (density >= 0).all() and density[0] == density[-1] == 0
