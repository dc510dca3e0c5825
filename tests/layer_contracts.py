"""Contracts that every layer keeps, for a layer, an input shape and a slow reference.

    for contract in CONTRACTS:
        contract(layer, shape, reference)

`reference(layer, x, w, i)` computes the output of one sample, number i of its batch, by loops over
every index; of a layer whose samples depend on one another it is given the whole batch x.
"""

from __future__ import annotations

import numpy as np
import pytest
from layer_passes import (
    directions,
    gradients,
    inner,
    make_context,
    numeric_gradient,
    some,
    untied,
    weights,
)

from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.layers import LAYERS

# Settings and shapes -------------------------------------------------------------------------


def what_a_config_says_of_it_means_the_same(layer, shape, reference):
    assert LAYERS.validate(layer.model_dump(mode="json", exclude_none=True)) == layer


def its_traits_are_true(layer, shape, reference):
    layer.check_input(shape)
    output = layer.output_shape(shape)
    if layer.keeps_shape:
        assert output == shape
    if layer.outputs_key:
        assert output == (getattr(layer, layer.outputs_key),)
    assert set(layer.decayed) <= {"weight"}
    if layer.outputs_probabilities:
        y, _ = layer.forward(untied(shape, 3), weights(layer, shape), make_context())
        assert (y >= 0).all()
        np.testing.assert_allclose(y.sum(axis=0), 1, rtol=1e-12)


def initial_parameters_have_the_shapes_promised_and_biases_are_zero(layer, shape, reference):
    for name, size in layer.parameter_shapes(shape).items():
        value = layer.initial_parameter(name, size, "initial weights", 0, "layer", name)
        assert value.shape == size
        assert np.any(value) == (name != "bias")


# Values --------------------------------------------------------------------------------------


def forward_equals_the_slow_reference(layer, shape, reference):
    for n in some(layer, 1, 3, 7):
        x, w = untied(shape, n), weights(layer, shape)
        y, _ = layer.forward(x, w, make_context())
        assert y.shape == (*layer.output_shape(shape), n)
        given = [x[..., i] if layer.acts_per_sample else x for i in range(n)]
        expected = np.stack([reference(layer, given[i], w, i) for i in range(n)], axis=-1)
        np.testing.assert_allclose(y, expected.reshape(y.shape), rtol=1e-12, atol=1e-13)


def samples_do_not_influence_one_another(layer, shape, reference):
    if not layer.acts_per_sample:
        return
    x, w = untied(shape, 4), weights(layer, shape)
    together = layer.forward(x, w, make_context())[0]
    for i in range(4):
        own = np.ascontiguousarray(x[..., i : i + 1])
        alone = layer.forward(own, w, make_context(start=i))[0]
        np.testing.assert_allclose(together[..., i : i + 1], alone, rtol=1e-13, atol=1e-14)


def nothing_is_cached_outside_training(layer, shape, reference):
    x, w = untied(shape, 2), weights(layer, shape)
    for name, size in layer.buffer_shapes(shape).items():
        w[name] = np.random.default_rng(6).uniform(0.5, 1, size)
    y, cache = layer.forward(x, w, make_context(training=False))
    assert cache is None
    if layer.same_in_training:
        np.testing.assert_array_equal(y, layer.forward(x, w, make_context())[0])


# The gradient --------------------------------------------------------------------------------


def backward_equals_central_differences(layer, shape, reference):
    for n in some(layer, 1, 2, 5):
        x, w = untied(shape, n), weights(layer, shape)
        cotangent = np.random.default_rng(2).normal(size=(*layer.output_shape(shape), n))
        _, dx, dw = gradients(layer, x, w, cotangent, make_context())

        def value(x=x, w=w, cotangent=cotangent):
            return float(np.sum(cotangent * layer.forward(x, w, make_context())[0]))

        for name, array in {"x": x, **w}.items():
            exact, numeric = {"x": dx, **dw}[name], numeric_gradient(value, array)
            np.testing.assert_allclose(exact, numeric, rtol=1e-7, atol=3e-8, err_msg=name)


def without_need_dx_the_parameters_still_get_their_gradients(layer, shape, reference):
    x, w = untied(shape, 2), weights(layer, shape)
    dy = np.random.default_rng(2).normal(size=(*layer.output_shape(shape), 2))
    _, _, expected = gradients(layer, x, w, dy, make_context())
    context = make_context()
    _, cache = layer.forward(x, w, context)
    dw = {name: np.full_like(array, np.nan) for name, array in w.items()}
    layer.backward(dy, cache, w, dw, context, need_dx=False)
    for name in w:
        np.testing.assert_array_equal(dw[name], expected[name])


def the_precision_of_the_input_is_kept(layer, shape, reference):
    for dtype in (np.float32, np.float64):
        x = untied(shape, 2).astype(dtype)
        w = {name: array.astype(dtype) for name, array in weights(layer, shape).items()}
        dy = np.ones((*layer.output_shape(shape), 2), dtype=dtype)
        y, dx, _ = gradients(layer, x, w, dy, make_context())
        assert y.dtype == dx.dtype == dtype


def single_precision_is_close_to_double(layer, shape, reference):
    """To within 1e-5 times the largest entry of each array."""
    x, w = untied(shape, 3).astype(np.float32), weights(layer, shape)
    w = {name: array.astype(np.float32) for name, array in w.items()}
    dy = directions(layer, shape, 3)[2].astype(np.float32)
    double = {name: array.astype(np.float64) for name, array in w.items()}
    y, dx, dw = gradients(layer, x, w, dy, make_context())
    right = gradients(layer, x.astype(np.float64), double, dy.astype(np.float64), make_context())
    for found, exact in [
        (y, right[0]),
        (dx, right[1]),
        *((dw[name], right[2][name]) for name in w),
    ]:
        assert np.abs(found - exact).max() <= 1e-5 * np.abs(exact).max()


def input_and_weights_are_left_as_they_were(layer, shape, reference):
    x, w = untied(shape, 3), weights(layer, shape)
    before = {"x": x.copy(), **{name: array.copy() for name, array in w.items()}}
    dy = np.ones((*layer.output_shape(shape), 3))
    gradients(layer, x, w, dy, make_context())
    for name, array in {"x": x, **w}.items():
        np.testing.assert_array_equal(array, before[name])


def a_used_workspace_changes_nothing(layer, shape, reference):
    w, workspace = weights(layer, shape), Workspace()
    rng = np.random.default_rng(3)
    for seed, n in enumerate(some(layer, 4, 2, 5, 1)):
        x = untied(shape, n, seed)
        dy = rng.normal(size=(*layer.output_shape(shape), n))
        used = gradients(layer, x, w, dy, make_context(workspace))
        fresh = gradients(layer, x, w, dy, make_context())
        np.testing.assert_array_equal(used[0], fresh[0])
        np.testing.assert_array_equal(used[1], fresh[1])
        for name in w:
            np.testing.assert_array_equal(used[2][name], fresh[2][name])


def a_used_workspace_of_another_image_size_changes_nothing(layer, shape, reference):
    if len(shape) == 1 and layer.parameter_shapes(shape):
        larger = shape  # the number of inputs is fixed by the weights
    else:
        larger = (shape[0], *(size + 2 if size > 1 else 1 for size in shape[1:]))
    workspace, w = Workspace(), weights(layer, shape)
    for size in (larger, shape):
        x, dy = untied(size, 2), np.ones((*layer.output_shape(size), 2))
        used = gradients(layer, x, w, dy, make_context(workspace))
        fresh = gradients(layer, x, w, dy, make_context())
        np.testing.assert_array_equal(used[1], fresh[1])


# The directional derivative, where there is one ------------------------------------------------


def jvp_equals_central_differences(layer, shape, reference):
    h = 1e-6
    for n in (1, 2):
        x, w = untied(shape, n), weights(layer, shape)
        dx, dw, _ = directions(layer, shape, n)
        context = make_context()

        def value(t, x=x, w=w, dx=dx, dw=dw):
            moved = {name: array + t * dw[name] for name, array in w.items()}
            return layer.forward(x + t * dx, moved, make_context())[0]

        _, cache = layer.forward(x, w, context)
        dy = layer.jvp(dx.copy(), cache, w, dw, context)
        np.testing.assert_allclose(dy, (value(h) - value(-h)) / (2 * h), rtol=1e-6, atol=1e-8)


def jvp_and_backward_are_adjoint(layer, shape, reference):
    """<u, J v> = <J^T u, v>, with the ties of one key."""
    for n, tied in [(1, False), (3, False), (1, True), (3, True)]:
        x, w = untied(shape, n), weights(layer, shape)
        x = np.zeros_like(x) if tied else x
        for step in range(5):
            context = make_context(rng_key=(0, 0, step, 0))
            for seed in range(3):
                _, cache = layer.forward(x, w, context)
                dx, dw, dy = directions(layer, shape, n, seed)
                forwards = float(np.sum(dy * layer.jvp(dx.copy(), cache, w, dw, context)))
                into = {name: np.full_like(array, np.nan) for name, array in w.items()}
                back = layer.backward(dy.copy(), cache, w, into, context)
                backwards = float(np.sum(back * dx)) + inner(into, dw)
                assert backwards == pytest.approx(forwards, rel=1e-12, abs=1e-12)


def rounds_after_the_first_give_the_same(layer, shape, reference):
    x, w = untied(shape, 2), weights(layer, shape)
    dx, dw, dy = directions(layer, shape, 2)
    context = make_context()
    rounds = []
    for _ in range(3):
        _, cache = layer.forward(x, w, context)
        change = layer.jvp(dx.copy(), cache, w, dw, context).copy()
        into = {name: np.empty_like(array) for name, array in w.items()}
        back = layer.backward(dy.copy(), cache, w, into, context).copy()
        rounds.append([change, back, *into.values()])
    for other in rounds[1:]:
        for found, expected in zip(other, rounds[0], strict=True):
            np.testing.assert_array_equal(found, expected)


def jvp_is_the_sum_of_its_parts(layer, shape, reference):
    x, w = untied(shape, 2), weights(layer, shape)
    dx, dw, _ = directions(layer, shape, 2)
    context = make_context()
    _, cache = layer.forward(x, w, context)

    def change(dx, dw):
        return layer.jvp(dx.copy(), cache, w, dw, context).copy()

    nothing = {name: np.zeros_like(array) for name, array in dw.items()}
    parts = change(dx, nothing) + change(np.zeros_like(dx), dw)
    np.testing.assert_allclose(parts, change(dx, dw), rtol=1e-12, atol=1e-12)
    assert not change(np.zeros_like(dx), nothing).any()


def jvp_keeps_the_precision(layer, shape, reference):
    x = untied(shape, 2).astype(np.float32)
    w = {name: array.astype(np.float32) for name, array in weights(layer, shape).items()}
    context = make_context()
    _, cache = layer.forward(x, w, context)
    assert layer.jvp(x.copy(), cache, w, w, context).dtype == np.float32


def _where_there_is_one(contract):
    def kept(layer, shape, reference):
        if layer.has_jvp():
            contract(layer, shape, reference)

    kept.__name__ = contract.__name__
    return kept


CONTRACTS = [
    what_a_config_says_of_it_means_the_same,
    its_traits_are_true,
    initial_parameters_have_the_shapes_promised_and_biases_are_zero,
    forward_equals_the_slow_reference,
    samples_do_not_influence_one_another,
    nothing_is_cached_outside_training,
    backward_equals_central_differences,
    without_need_dx_the_parameters_still_get_their_gradients,
    the_precision_of_the_input_is_kept,
    single_precision_is_close_to_double,
    input_and_weights_are_left_as_they_were,
    a_used_workspace_changes_nothing,
    a_used_workspace_of_another_image_size_changes_nothing,
    *map(
        _where_there_is_one,
        (
            jvp_equals_central_differences,
            jvp_and_backward_are_adjoint,
            rounds_after_the_first_give_the_same,
            jvp_is_the_sum_of_its_parts,
            jvp_keeps_the_precision,
        ),
    ),
]
