"""The Jacobian matrices of Algorithm 1 are the derivatives of the values beside them."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.layers import (
    ELU,
    GELU,
    AvgPool,
    Conv,
    Dense,
    Flatten,
    GroupNorm,
    LeakyReLU,
    MaxPool,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from cnntrain.nn.note.function import delta
from cnntrain.nn.note.jacobians import layer_function


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv(filters=2, kernel=2, stride=2, padding=(1, 0, 0, 1)), (2, 3, 4)),
        (Conv(filters=2, kernel=2, dilation=2, groups=2), (2, 3, 4)),
        (GroupNorm(groups=2), (2, 1, 3)),
        (GroupNorm(groups=1), (4,)),
        (Dense(units=3), (4,)),
        (Dense(units=3, bias=False), (4,)),
        (ReLU(), (5,)),
        (ReLU(radius=1), (5,)),
        (LeakyReLU(slope=0.3), (5,)),
        (ELU(alpha=2), (5,)),
        (GELU(), (5,)),
        (SiLU(), (5,)),
        (Tanh(), (5,)),
        (Sigmoid(), (5,)),
        (MaxPool(window=2, stride=1), (1, 3, 3)),
        (MaxPool(window=2, ties="split"), (1, 2, 4)),
        (MaxPool(window=2, padding=1), (1, 2, 4)),
        (MaxPool(window="all"), (2, 2, 3)),
        (MaxPool(window=2, smooth=3, ceil=True), (1, 3, 2)),
        (AvgPool(window=2), (1, 2, 4)),
        (AvgPool(window=3, stride=2, padding=1), (1, 3, 4)),
        (MaxPool(window=(1, 2), stride=1, smooth=3), (1, 3, 3)),
        (Flatten(), (2, 2, 2)),
        (Softmax(), (4,)),
    ],
)
def test_the_jacobians_are_the_derivatives_of_the_values(layer, shape, numeric_gradient):
    rng = np.random.default_rng(0)
    x = rng.normal(size=int(np.prod(shape)))
    w = rng.normal(size=sum(int(np.prod(size)) for size in layer.parameter_shapes(shape).values()))
    f = layer_function(layer, shape)
    assert f.dx_dx(x, w).shape == (f.value(x, w).size, x.size)
    assert f.dx_dw(x, w).shape == (f.value(x, w).size, w.size)
    for i in range(f.value(x, w).size):
        by_x = numeric_gradient(lambda i=i: f.value(x, w)[i], x)
        by_w = numeric_gradient(lambda i=i: f.value(x, w)[i], w)
        np.testing.assert_allclose(f.dx_dx(x, w)[i], by_x, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(f.dx_dw(x, w)[i], by_w, rtol=1e-7, atol=1e-9)


def test_the_kronecker_delta_is_the_identity():
    np.testing.assert_array_equal([[delta(i, q) for q in range(3)] for i in range(3)], np.eye(3))
