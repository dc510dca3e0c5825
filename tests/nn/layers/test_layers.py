"""Every layer held to the same contracts; a new layer adds rows to CASES and one slow reference."""

from __future__ import annotations

import numpy as np
import pytest

from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import LAYERS, Conv, Dense, Flatten, MaxPool, ReLU, SmoothPool, Softmax

CASES = {
    "conv": (Conv(3, 3), (2, 6, 6)),
    "conv of one pixel": (Conv(2, 1), (3, 1, 1)),
    "conv with a kernel as large as the image": (Conv(2, 5), (1, 5, 5)),
    "conv same": (Conv(3, 3, padding="same"), (2, 5, 6)),
    "conv same with an even kernel": (Conv(2, 4, padding="same"), (1, 6, 5)),
    "conv same with a stride": (Conv(2, 3, stride=2, padding="same"), (2, 7, 8)),
    "conv same with a stride above the kernel": (Conv(2, 1, stride=3, padding="same"), (1, 7, 5)),
    "conv with a stride that leaves out rows": (Conv(2, 3, stride=2), (1, 8, 6)),
    "conv with two strides": (Conv(2, 2, stride=(3, 1)), (2, 8, 4)),
    "conv with a rectangular kernel": (Conv(2, (2, 4)), (2, 5, 7)),
    "conv padded by a number": (Conv(2, 3, padding=2), (1, 4, 5)),
    "conv padded unevenly": (Conv(2, (3, 2), stride=(1, 2), padding=(0, 2, 1, 3)), (2, 4, 5)),
    "conv without bias": (Conv(2, 3, bias=False), (2, 5, 5)),
    "dense": (Dense(4), (7,)),
    "dense with one unit": (Dense(1), (3,)),
    "dense without bias": (Dense(3, bias=False), (5,)),
    "relu on images": (ReLU(), (2, 4, 3)),
    "relu on vectors": (ReLU(derivative_at_zero=0.5), (6,)),
    "relu with derivative 0 at 0": (ReLU(derivative_at_zero=0), (6,)),
    "relu with a joint": (ReLU(radius=1), (2, 4, 3)),
    "max_pool": (MaxPool(2), (2, 6, 4)),
    "max_pool first": (MaxPool(2, ties="first"), (2, 6, 4)),
    "max_pool split": (MaxPool(2, ties="split"), (2, 6, 4)),
    "max_pool overlapping": (MaxPool(3, stride=2), (2, 7, 7)),
    "max_pool overlapping split": (MaxPool(3, stride=1, ties="split"), (1, 5, 4)),
    "max_pool that leaves out rows and columns": (MaxPool(2), (1, 7, 5)),
    "max_pool with gaps": (MaxPool(2, stride=3, ties="first"), (1, 8, 8)),
    "max_pool with a rectangular window": (MaxPool((1, 3), stride=(2, 2)), (2, 4, 7)),
    "smooth pool": (SmoothPool(2), (2, 6, 4)),
    "smooth pool overlapping": (SmoothPool(3, stride=2, smooth=0.5), (2, 7, 7)),
    "smooth pool that leaves out rows and columns": (SmoothPool((2, 3), smooth=2), (1, 7, 5)),
    "flatten": (Flatten(), (2, 3, 4)),
    "flatten of a vector": (Flatten(), (5,)),
    "softmax": (Softmax(), (5,)),
}

every_layer = pytest.mark.parametrize(("layer", "shape"), CASES.values(), ids=CASES.keys())


# The slow references: one sample, loops over every index -------------------------------------


def slow_conv(layer, x, w):
    (sh, sw), (kh, kw) = layer.stride, layer.kernel
    top, bottom, left, right = slow_padding(layer, x.shape)
    padded = np.zeros((x.shape[0], x.shape[1] + top + bottom, x.shape[2] + left + right))
    padded[:, top : top + x.shape[1], left : left + x.shape[2]] = x
    rows = [i for i in range(0, padded.shape[1], sh) if i + kh <= padded.shape[1]]
    columns = [j for j in range(0, padded.shape[2], sw) if j + kw <= padded.shape[2]]
    y = np.zeros((layer.filters, len(rows), len(columns)))
    for f, r, s in np.ndindex(*y.shape):
        y[f, r, s] = w["bias"][f] if layer.bias else 0
        for c, u, v in np.ndindex(x.shape[0], kh, kw):
            y[f, r, s] += w["weight"][f, c, u, v] * padded[c, rows[r] + u, columns[s] + v]
    return y


def slow_padding(layer, shape):
    if layer.padding == "valid":
        return 0, 0, 0, 0
    if layer.padding == "same":
        sides = []
        for size, kernel, stride in zip(shape[1:], layer.kernel, layer.stride, strict=True):
            needed = max((int(np.ceil(size / stride)) - 1) * stride + kernel - size, 0)
            sides += [needed // 2, needed - needed // 2]
        return tuple(sides)
    return (layer.padding,) * 4 if isinstance(layer.padding, int) else layer.padding


def slow_dense(layer, x, w):
    bias = w["bias"] if layer.bias else np.zeros(layer.units)
    return np.array(
        [sum(w["weight"][i, j] * x[j] for j in range(len(x))) + bias[i] for i in range(layer.units)]
    )


def slow_max_pool(layer, x, w):
    (sh, sw), (kh, kw) = layer.stride, layer.window
    rows = [i for i in range(0, x.shape[1], sh) if i + kh <= x.shape[1]]
    columns = [j for j in range(0, x.shape[2], sw) if j + kw <= x.shape[2]]

    def largest(window):
        if isinstance(layer, MaxPool):
            return window.max()
        return np.log(sum(np.exp(layer.smooth * a) for a in window.ravel())) / layer.smooth

    return np.array(
        [
            [[largest(channel[i : i + kh, j : j + kw]) for j in columns] for i in rows]
            for channel in x
        ]
    )


def slow_relu(layer, x, w):
    def rectified(a):
        joint = layer.radius > 0 and abs(a) <= layer.radius
        return (a + layer.radius) ** 2 / (4 * layer.radius) if joint else max(0.0, a)

    return np.array([rectified(a) for a in x.ravel()]).reshape(x.shape)


def slow_flatten(layer, x, w):
    return np.array([x[index] for index in np.ndindex(*x.shape)])


def slow_softmax(layer, x, w):
    return np.array([np.exp(z) / sum(np.exp(other) for other in x) for z in x])


SLOW = {
    "conv": slow_conv,
    "dense": slow_dense,
    "max_pool": slow_max_pool,
    "relu": slow_relu,
    "flatten": slow_flatten,
    "softmax": slow_softmax,
}


# Data ----------------------------------------------------------------------------------------


def untied(shape, n, seed=0):
    """Inputs (*shape, n), any two further apart than a step of a difference, none near 0."""
    count = int(np.prod(shape)) * n
    values = (np.random.default_rng(seed).permutation(count) - count / 2 + 0.25) / count * 4
    return values.reshape(*shape, n)


def weights(layer, shape, seed=1):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=size) for name, size in layer.parameter_shapes(shape).items()}


# Contracts -----------------------------------------------------------------------------------


def test_every_layer_has_cases_and_a_reference():
    assert {layer.type for layer, _ in CASES.values()} == set(LAYERS) == set(SLOW)


@every_layer
@pytest.mark.parametrize("n", [1, 3])
def test_forward_equals_the_slow_reference(layer, shape, n, make_call):
    x, w = untied(shape, n), weights(layer, shape)
    y, _ = layer.forward(x, w, make_call())
    assert y.shape == (*layer.output_shape(shape), n)
    expected = np.stack([SLOW[layer.type](layer, x[..., i], w) for i in range(n)], axis=-1)
    np.testing.assert_allclose(y, expected.reshape(y.shape), rtol=1e-12, atol=1e-13)


@every_layer
@pytest.mark.parametrize("n", [1, 2])
def test_backward_equals_central_differences(
    layer, shape, n, make_call, numeric_gradient, gradients
):
    x, w = untied(shape, n), weights(layer, shape)
    cotangent = np.random.default_rng(2).normal(size=(*layer.output_shape(shape), n))
    _, dx, dw = gradients(layer, x, w, cotangent, make_call())

    def value():
        return float(np.sum(cotangent * layer.forward(x, w, make_call())[0]))

    for name, array in {"x": x, **w}.items():
        exact = {"x": dx, **dw}[name]
        np.testing.assert_allclose(
            exact, numeric_gradient(value, array), rtol=1e-7, atol=1e-8, err_msg=name
        )


@every_layer
def test_without_need_dx_the_parameters_still_get_their_gradients(
    layer, shape, make_call, gradients
):
    x, w = untied(shape, 2), weights(layer, shape)
    dy = np.random.default_rng(2).normal(size=(*layer.output_shape(shape), 2))
    _, _, expected = gradients(layer, x, w, dy, make_call())
    call = make_call()
    _, kept = layer.forward(x, w, call)
    dw = {name: np.full_like(array, np.nan) for name, array in w.items()}
    layer.backward(dy, kept, w, dw, call, need_dx=False)
    for name in w:
        np.testing.assert_array_equal(dw[name], expected[name])


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_of_the_input_is_kept(layer, shape, dtype, make_call, gradients):
    x = untied(shape, 2).astype(dtype)
    w = {name: array.astype(dtype) for name, array in weights(layer, shape).items()}
    dy = np.ones((*layer.output_shape(shape), 2), dtype=dtype)
    y, dx, _ = gradients(layer, x, w, dy, make_call())
    assert y.dtype == dx.dtype == dtype


@every_layer
def test_nothing_is_kept_for_a_pass_without_backward(layer, shape, make_call):
    x, w = untied(shape, 2), weights(layer, shape)
    y, kept = layer.forward(x, w, make_call(keep=False))
    assert kept is None
    np.testing.assert_array_equal(y, layer.forward(x, w, make_call())[0])


@every_layer
def test_input_and_weights_are_left_as_they_were(layer, shape, make_call, gradients):
    x, w = untied(shape, 3), weights(layer, shape)
    before = {"x": x.copy(), **{name: array.copy() for name, array in w.items()}}
    dy = np.ones((*layer.output_shape(shape), 3))
    gradients(layer, x, w, dy, make_call())
    for name, array in {"x": x, **w}.items():
        np.testing.assert_array_equal(array, before[name])


@every_layer
def test_a_used_workspace_changes_nothing(layer, shape, make_call, gradients):
    w, workspace = weights(layer, shape), Workspace()
    rng = np.random.default_rng(3)
    for n, seed in [(4, 0), (2, 1), (5, 2), (1, 3)]:
        x = untied(shape, n, seed)
        dy = rng.normal(size=(*layer.output_shape(shape), n))
        used = gradients(layer, x, w, dy, make_call(workspace))
        fresh = gradients(layer, x, w, dy, make_call())
        np.testing.assert_array_equal(used[0], fresh[0])
        np.testing.assert_array_equal(used[1], fresh[1])
        for name in w:
            np.testing.assert_array_equal(used[2][name], fresh[2][name])


@every_layer
def test_a_used_workspace_of_another_image_size_changes_nothing(layer, shape, make_call, gradients):
    if len(shape) == 1 and layer.parameter_shapes(shape):
        larger = shape  # the number of inputs is fixed by the weights
    else:
        larger = (shape[0], *(size + 2 for size in shape[1:]))
    workspace, w = Workspace(), weights(layer, shape)
    for size in (larger, shape):
        x, dy = untied(size, 2), np.ones((*layer.output_shape(size), 2))
        used = gradients(layer, x, w, dy, make_call(workspace))
        fresh = gradients(layer, x, w, dy, make_call())
        np.testing.assert_array_equal(used[1], fresh[1])


@every_layer
def test_samples_do_not_influence_one_another(layer, shape, make_call):
    x, w = untied(shape, 4), weights(layer, shape)
    together = layer.forward(x, w, make_call())[0]
    for i in range(4):
        alone = layer.forward(np.ascontiguousarray(x[..., i : i + 1]), w, make_call())[0]
        np.testing.assert_allclose(together[..., i : i + 1], alone, rtol=1e-13, atol=1e-14)


@every_layer
def test_initial_parameters_have_the_shapes_promised_and_biases_of_zero(layer, shape):
    for name, size in layer.parameter_shapes(shape).items():
        value = layer.initial_parameter(name, size, "initial weights", 0, "layer", name)
        assert value.shape == size
        assert np.any(value) == (name == "weight")


# The directional derivative -------------------------------------------------------------------


def directions(layer, shape, n, seed=4):
    """A random change of the input and of the parameters, and a random cotangent."""
    rng = np.random.default_rng(seed)
    dw = {name: rng.normal(size=size) for name, size in layer.parameter_shapes(shape).items()}
    return rng.normal(size=(*shape, n)), dw, rng.normal(size=(*layer.output_shape(shape), n))


def inner(a, b):
    return sum(float(np.sum(a[name] * b[name])) for name in a)


@every_layer
@pytest.mark.parametrize("n", [1, 2])
def test_jvp_equals_central_differences(layer, shape, n, make_call):
    x, w, h = untied(shape, n), weights(layer, shape), 1e-6
    dx, dw, _ = directions(layer, shape, n)
    call = make_call()

    def value(t):
        moved = {name: array + t * dw[name] for name, array in w.items()}
        return layer.forward(x + t * dx, moved, make_call())[0]

    _, kept = layer.forward(x, w, call)
    dy = layer.jvp(dx.copy(), kept, w, dw, call)
    np.testing.assert_allclose(dy, (value(h) - value(-h)) / (2 * h), rtol=1e-6, atol=1e-8)


@every_layer
@pytest.mark.parametrize("data", ["untied", "tied"])
@pytest.mark.parametrize("n", [1, 3])
def test_jvp_and_backward_are_adjoint(layer, shape, data, n, make_call):
    """<u, J v> = <J^T u, v>, with the ties of one draw."""
    x, w = untied(shape, n), weights(layer, shape)
    x = x if data == "untied" else np.zeros_like(x)
    for draw in range(5):
        call = make_call(draw=(0, 0, draw, 0, 0))
        for seed in range(3):
            _, kept = layer.forward(x, w, call)
            dx, dw, dy = directions(layer, shape, n, seed)
            forwards = float(np.sum(dy * layer.jvp(dx.copy(), kept, w, dw, call)))
            into = {name: np.full_like(array, np.nan) for name, array in w.items()}
            back = layer.backward(dy.copy(), kept, w, into, call)
            backwards = float(np.sum(back * dx)) + inner(into, dw)
            assert backwards == pytest.approx(forwards, rel=1e-12, abs=1e-12)


@every_layer
def test_rounds_after_the_first_give_the_same(layer, shape, make_call):
    x, w = untied(shape, 2), weights(layer, shape)
    dx, dw, dy = directions(layer, shape, 2)
    call = make_call()
    rounds = []
    for _ in range(3):
        _, kept = layer.forward(x, w, call)
        change = layer.jvp(dx.copy(), kept, w, dw, call).copy()
        into = {name: np.empty_like(array) for name, array in w.items()}
        rounds.append(
            [change, layer.backward(dy.copy(), kept, w, into, call).copy(), *into.values()]
        )
    for other in rounds[1:]:
        for found, expected in zip(other, rounds[0], strict=True):
            np.testing.assert_array_equal(found, expected)


@every_layer
def test_jvp_takes_none_for_no_change(layer, shape, make_call):
    x, w = untied(shape, 2), weights(layer, shape)
    dx, dw, _ = directions(layer, shape, 2)
    call = make_call()
    _, kept = layer.forward(x, w, call)
    assert layer.jvp(None, kept, w, {}, call) is None
    whole = layer.jvp(dx.copy(), kept, w, dw, call).copy()
    by_input = layer.jvp(dx.copy(), kept, w, {}, call).copy()
    by_parameters = layer.jvp(None, kept, w, dw, call)
    np.testing.assert_allclose(
        by_input + (0 if by_parameters is None else by_parameters), whole, rtol=1e-12, atol=1e-12
    )
    assert (by_parameters is None) == (not w)


@every_layer
def test_jvp_keeps_the_precision(layer, shape, make_call):
    x = untied(shape, 2).astype(np.float32)
    w = {name: array.astype(np.float32) for name, array in weights(layer, shape).items()}
    call = make_call()
    _, kept = layer.forward(x, w, call)
    assert layer.jvp(x.copy(), kept, w, w, call).dtype == np.float32
