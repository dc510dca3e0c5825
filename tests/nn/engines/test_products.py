"""Products cut into blocks are the same products, whatever the shapes and strides."""

import numpy as np
import pytest

from cnntrain.nn.engines.numpy.products import multiply, multiply_transposed

# (M, K, N): small; cut into columns, with a rest; into rows; into both; not at all for length.
SHAPES = [
    (1, 1, 1),
    (6, 25, 50_175),
    (36, 36, 2_000),
    (3, 1, 1_000_000),
    (250, 261, 67),
    (1_300, 130, 70),
    (40, 9_216, 8),
    (16, 150, 6_401),
    (64, 27, 3_000),
    (120, 400, 1),
]


def operands(batch, m, k, n, transposed):
    random = np.random.default_rng(0)
    a = random.normal(size=(*batch, m, k))
    if transposed:
        a = np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2)
    return a, random.normal(size=(*batch, k, n)), random.normal(size=(*batch, m, n))


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("batch", [(), (3,)])
@pytest.mark.parametrize("shape", SHAPES)
def test_products_are_right(shape, batch, transposed):
    a, b, c = operands(batch, *shape, transposed)
    product = np.full(c.shape, np.nan)
    multiply(a, b, product)
    assert np.allclose(product, a @ b, rtol=1e-11, atol=1e-11)
    by_b = np.full(a.shape, np.nan)
    multiply_transposed(c, b, by_b)
    right = c @ b.swapaxes(-1, -2)
    assert np.allclose(by_b, right, rtol=0, atol=1e-13 * np.abs(right).max())


def test_the_result_may_be_a_view():
    a, b, _ = operands((), 36, 36, 2_000, False)
    wide = np.zeros((36, 3_000))
    multiply(a, b, wide[:, 500:2_500])
    assert np.allclose(wide[:, 500:2_500], a @ b)
    assert not wide[:, :500].any()
    assert not wide[:, 2_500:].any()
