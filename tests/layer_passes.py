"""Passes of a layer on its own: values to give it, its gradients, and these by differences."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.engines.numpy.engine import NumpyEngine
from cnntrain.nn.execution.context import Context
from cnntrain.nn.execution.workspace import Workspace


def make_context(workspace=None, training=True, rng_key=(0, 0, 0, 0), start=0) -> Context:
    """What a layer's passes are given."""
    choose = NumpyEngine().choose
    return Context(workspace or Workspace(), 0, choose, training, rng_key, start=start)


def untied(shape, n, seed=0):
    """Inputs (*shape, n), any two further apart than a step of a difference, none near 0."""
    count = int(np.prod(shape)) * n
    values = (np.random.default_rng(seed).permutation(count) - count / 2 + 0.25) / count * 4
    return values.reshape(*shape, n)


def weights(layer, shape, seed=1):
    """Random parameters."""
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=size) for name, size in layer.parameter_shapes(shape).items()}


def some(layer, *counts):
    """Numbers of samples to try; two instead of one where statistics need several."""
    return counts if layer.statistics_over is None else tuple(max(n, 2) for n in counts)


def directions(layer, shape, n, seed=4):
    """A random change of the input and of the parameters, and a random cotangent."""
    rng = np.random.default_rng(seed)
    dw = {name: rng.normal(size=size) for name, size in layer.parameter_shapes(shape).items()}
    return rng.normal(size=(*shape, n)), dw, rng.normal(size=(*layer.output_shape(shape), n))


def gradients(layer, x, w, dy, context):
    """Copies of the output, dl/dx and dl/dw."""
    y, cache = layer.forward(x, w, context)
    y = y.copy()
    dw = {name: np.full_like(array, np.nan) for name, array in w.items()}
    return y, layer.backward(dy.copy(), cache, w, dw, context).copy(), dw


def numeric_gradient(f, x, h=1e-5):
    """The derivatives of the number f() by the entries of the array x, which f reads, by central
    differences."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        centre = x[index]
        x[index] = centre + h
        above = f()
        x[index] = centre - h
        below = f()
        x[index] = centre
        gradient[index] = (above - below) / (2 * h)
    return gradient


def inner(a, b):
    """The inner product of two dictionaries of arrays."""
    return sum(float(np.sum(a[name] * b[name])) for name in a)
