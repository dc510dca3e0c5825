"""Steps of optimizers in C: bit for bit those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.engines import updates

SIZES = [1, 7, 8192, 20_001]
DTYPES = ["float32", "float64"]


@pytest.fixture(params=[False, True], ids=["NumPy", "C"])
def in_c(request, library, monkeypatch):
    """Every test runs in both, whatever is installed."""
    found = library if request.param else "none"
    monkeypatch.setattr(updates, "load", lambda: found)
    return request.param


def vectors(count, size, dtype):
    rng = np.random.default_rng(size)
    return [rng.normal(size=size).astype(dtype) for _ in range(count)]


def constant(value, dtype):
    return np.dtype(dtype).type(value)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_sgd(size, dtype, in_c):
    w, g, v = vectors(3, size, dtype)
    velocity = constant(0.9, dtype) * v + g
    expected = w - constant(0.01, dtype) * velocity
    updates.sgd(w, g, v, 0.9, 0.01)
    assert v.tobytes() == velocity.tobytes() and w.tobytes() == expected.tobytes()
    expected = w - constant(0.3, dtype) * g
    updates.sgd(w, g, None, 0.0, 0.3)
    assert w.tobytes() == expected.tobytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_adam(size, dtype, in_c):
    w, g, m, s = vectors(4, size, dtype)
    s *= s
    c = {k: constant(k, dtype) for k in (0.9, 1 - 0.9, 0.999, 1 - 0.999, 0.5, 1e-8, 0.01)}
    mean = c[0.9] * m + c[1 - 0.9] * g
    square = c[0.999] * s + c[1 - 0.999] * (g * g)
    expected = w - c[0.01] * mean / (np.sqrt(square) / c[0.5] + c[1e-8])
    updates.adam(w, g, m, s, (0.9, 0.999), deviation=0.5, epsilon=1e-8, rate=0.01)
    for found, right in ((m, mean), (s, square), (w, expected)):
        assert found.tobytes() == right.tobytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_all_finite(size, dtype, in_c):
    (x,) = vectors(1, size, dtype)
    x[0] = np.finfo(dtype).max
    assert updates.all_finite(x)
    for place in (0, size // 2, size - 1):
        for value in (np.inf, -np.inf, np.nan):
            bad = x.copy()
            bad[place] = value
            assert not updates.all_finite(bad)


def test_vectors_with_gaps(in_c):
    w, g = vectors(2, 100, "float32")
    expected = w.copy()
    expected[::2] -= constant(0.5, "float32") * g[::2]
    updates.sgd(w[::2], g[::2], None, 0.0, 0.5)
    assert w.tobytes() == expected.tobytes()
