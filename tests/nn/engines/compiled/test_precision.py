"""How close the kernels come to sums in double precision, at the sizes of real networks."""

from __future__ import annotations

import layer_passes
import numpy as np
import pytest

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.layers import Conv, Dense

from ..test_convolutions import direct, direct_gradients
from .test_contracts import InC

# Of the largest entry of each array.
BOUNDS = {
    ("im2col", "float32"): 1e-5,
    ("im2col", "float64"): 2e-14,
    ("winograd", "float32"): 3e-5,
    ("winograd", "float64"): 6e-14,
}
CASES = [
    ((5, 7, 6), 3, 1),
    ((16, 31, 26), 16, 17),
    ((64, 14, 14), 35, 33),
    ((256, 8, 8), 40, 18),
]


def close(found, right, bound):
    worst = np.abs(found - right).max() / np.abs(right).max()
    assert worst <= bound


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", ["im2col", "winograd"])
@pytest.mark.parametrize(("shape", "filters", "n"), CASES)
def test_convolutions(shape, filters, n, way, dtype, library):
    layer = Conv(filters=filters, kernel=3, padding="same")
    x, w, dy = numbers(layer, shape, n, dtype)
    y, dx, dw = layer_passes.gradients(
        InC(layer, CompiledEngine(library, way)), x, w, dy, layer_passes.make_context()
    )
    windows, bound = layer.windows(shape), BOUNDS[way, dtype]
    close(y, direct(x, w["weight"], windows, w["bias"].astype("f8")), bound)
    d_weight, right_dx = direct_gradients(dy, x, w["weight"], windows)
    close(dw["weight"], d_weight, bound)
    close(dw["bias"], dy.sum(axis=(1, 2, 3), dtype="f8"), bound)
    close(dx, right_dx, bound)


@pytest.mark.parametrize("height", range(1, 10))
def test_whatever_is_left_at_the_edges_of_winograds_tiles(height, library):
    layer, dtype = Conv(filters=4, kernel=3, padding="same"), "float64"
    engine, bound = CompiledEngine(library, "winograd"), BOUNDS["winograd", dtype]
    for width in range(1, 10):
        shape = (3, height, width)
        x, w, dy = numbers(layer, shape, 5, dtype)
        y, dx, dw = layer_passes.gradients(
            InC(layer, engine), x, w, dy, layer_passes.make_context()
        )
        windows = layer.windows(shape)
        close(y, direct(x, w["weight"], windows, w["bias"]), bound)
        d_weight, right_dx = direct_gradients(dy, x, w["weight"], windows)
        close(dw["weight"], d_weight, bound)
        close(dw["bias"], dy.sum(axis=(1, 2, 3)), bound)
        close(dx, right_dx, bound)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("inputs", "units", "n"), [(7, 3, 1), (400, 120, 33), (9216, 128, 33)])
def test_dense_layers(inputs, units, n, dtype, compiled):
    layer, bound = Dense(units=units), BOUNDS["im2col", dtype]
    x, w, dy = numbers(layer, (inputs,), n, dtype)
    y, dx, dw = layer_passes.gradients(InC(layer, compiled), x, w, dy, layer_passes.make_context())
    weight, double = w["weight"].astype("f8"), dy.astype("f8")
    close(y, weight @ x + w["bias"].astype("f8")[:, None], bound)
    close(dx, weight.T @ double, bound)
    close(dw["weight"], double @ x.T, bound)
    close(dw["bias"], double.sum(axis=1), bound)


def numbers(layer, shape, n, dtype):
    """x, the parameters and dl/dy, normally distributed."""
    random = np.random.default_rng(0)
    sizes = [(*shape, n), (*layer.output_shape(shape), n)]
    x, dy = (random.normal(size=size).astype(dtype) for size in sizes)
    w = {
        name: random.normal(size=size).astype(dtype)
        for name, size in layer.parameter_shapes(shape).items()
    }
    return x, w, dy
