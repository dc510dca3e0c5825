"""Rows of shares in the place of labels: what follows from the definitions."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.losses import CrossEntropy, Quadratic

LOSSES = [
    Quadratic(),
    CrossEntropy(),
    CrossEntropy(label_smoothing=0.2, class_weights=(1.0, 0.0, 2.0)),
]
each = pytest.mark.parametrize("loss", LOSSES, ids=repr)


@pytest.fixture(params=["numpy", "compiled"])
def engine(request):
    if request.param == "numpy":
        return NumpyEngine()
    library = load()
    if isinstance(library, str):
        pytest.skip(library)
    return CompiledEngine(library)


@pytest.fixture
def outputs():
    return np.random.default_rng(0).normal(size=(3, 20))


@each
def test_whole_shares_are_labels(loss, engine, outputs):
    y = np.arange(20) % 3
    mine = engine.loss(loss)
    for name in ("values", "gradient"):
        found, right = (getattr(mine, name)(outputs, given) for given in (np.eye(3)[y], y))
        np.testing.assert_allclose(found, right, rtol=1e-13, atol=1e-15)


@each
def test_the_hessian_product_is_the_change_of_the_gradient(loss, outputs):
    rng, h = np.random.default_rng(1), 1e-6
    q, direction = rng.dirichlet(np.ones(3), 20), rng.normal(size=outputs.shape)
    ahead, behind = (loss.gradient(outputs + step * direction, q) for step in (h, -h))
    product = loss.hessian_product(outputs, q, direction)
    np.testing.assert_allclose(product, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-8)


@each
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_engines_agree_and_keep_the_precision(loss, engine, outputs, dtype):
    q, z = np.random.default_rng(1).dirichlet(np.ones(3), 20), outputs.astype(dtype)
    tolerance = 20 * np.finfo(dtype).eps
    for name in ("values", "gradient"):
        found = getattr(engine.loss(loss), name)(z, q)
        assert found.dtype == dtype
        np.testing.assert_allclose(
            found, getattr(loss, name)(z, q), rtol=tolerance, atol=4 * tolerance
        )


@each
def test_errors_are_counted_against_the_largest_share(loss, engine):
    z = np.eye(3)[[0, 1, 2, 0]].T
    q = np.array([[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [0.2, 0.4, 0.4], [0.5, 0.0, 0.5]])
    totals, _ = engine.loss(loss).totals_and_gradient(z, q)
    assert (totals.samples, totals.errors, totals.ties) == (4, 2, 0)  # the lowest class of equals


def test_a_share_of_nothing_counts_nothing_however_unlikely_the_class(engine):
    z = np.array([[0.0], [-np.inf]])
    assert engine.loss(CrossEntropy()).values(z, np.array([[1.0, 0.0]])) == 0
