"""Cross-entropy in C against the one in NumPy."""

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.losses import in_c
from cnntrain.nn.losses import CrossEntropy, Quadratic

CASES = {
    "small": np.random.default_rng(0).normal(size=(10, 37)),
    "one sample": np.random.default_rng(1).normal(size=(3, 1)),
    "far apart": 1e4 * np.random.default_rng(2).normal(size=(5, 16)),
    "tied": np.zeros((4, 9)),
    "infinite": np.array([[0.0, -np.inf, 1], [1, 0, np.nan]]),
}


@pytest.mark.parametrize("smoothing", [0, 0.1])
@pytest.mark.parametrize("case", CASES)
@np.errstate(all="ignore")
def test_as_in_numpy(case, smoothing, library):
    z = CASES[case]
    y = np.arange(z.shape[1]) % len(z)
    plain = CrossEntropy(label_smoothing=smoothing)
    mine = in_c(plain, library)
    for name in ("values", "gradient"):
        found, right = getattr(mine, name)(z, y), getattr(plain, name)(z, y)
        np.testing.assert_allclose(found, right, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(mine.outputs(z), plain.outputs(z), rtol=1e-14)
    totals, gradient = mine.totals_and_gradient(z, y)
    expected, right = plain.totals_and_gradient(z, y)
    np.testing.assert_allclose(gradient, right, rtol=1e-14, atol=1e-15)
    assert (totals.samples, totals.errors, totals.ties) == (
        expected.samples,
        expected.errors,
        expected.ties,
    )
    np.testing.assert_allclose(totals.loss, expected.loss, rtol=1e-13)


@pytest.mark.parametrize("case", CASES)
@np.errstate(all="ignore")
def test_the_quadratic_loss_is_that_of_numpy(case, library):
    z, plain = CASES[case], Quadratic()
    mine = in_c(plain, library)
    for y in (np.arange(z.shape[1]) % len(z), np.cos(z.T)):
        totals, gradient = mine.totals_and_gradient(z, y)
        expected, right = plain.totals_and_gradient(z, y)
        np.testing.assert_allclose(gradient, right, rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose(mine.values(z, y), plain.values(z, y), rtol=1e-14)
        np.testing.assert_array_equal(mine.outputs(z), z)
        np.testing.assert_allclose(totals.loss, expected.loss, rtol=1e-13)
        if not np.isnan(z).any():
            assert (totals.errors, totals.ties) == (expected.errors, expected.ties)


def test_others_stay_as_they_are(library):
    class Other(Quadratic):
        pass

    loss = Other()
    assert in_c(loss, library) is loss
