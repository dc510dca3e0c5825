"""The layers as functions of vectors, x(k) = f(k)(x(k-1), w(k)), and their Jacobians (equation 5).

Written out entry by entry, as in the appendix of the note, for `algorithm1`.  An image is the
vector of its pixels, channel by channel and row by row; w(k) is the layer's part of the flat
parameter vector.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnntrain.errors import UsageError
from cnntrain.nn import layers
from cnntrain.nn.layers import Conv, Dense, Flatten, Layer, Softmax
from cnntrain.nn.note import point_functions as point
from cnntrain.nn.note.function import Function, Matrix, Vector, delta, position
from cnntrain.nn.note.norm_functions import GroupNormFunction
from cnntrain.nn.note.pool_functions import AvgPoolFunction, max_pool_function
from cnntrain.nn.shapes import Shape


class DenseFunction(Function):
    """a = W x + b, with w(k) = [W row by row; b].

    The appendix for f(a) = a: da_i / dW_qj = delta_iq x_j and da_i / dx_j = W_ij.  The bias is
    the weight of the entry 1 that the note appends to x: da_i / db_q = delta_iq.
    """

    def __init__(self, layer: Dense, shape: Shape) -> None:
        self.units, self.inputs, self.bias = layer.units, shape[0], layer.bias

    def value(self, x: Vector, w: Vector) -> Vector:
        b = w[self.units * self.inputs :] if self.bias else np.zeros(self.units)
        return np.asarray(self._matrix(w) @ x + b)

    def dx_dw(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((self.units, w.size))
        for i, q in itertools.product(range(self.units), repeat=2):
            for j in range(self.inputs):
                jacobian[i, q * self.inputs + j] = delta(i, q) * x[j]
            if self.bias:
                jacobian[i, self.units * self.inputs + q] = delta(i, q)
        return jacobian

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        return self._matrix(w)

    def _matrix(self, w: Vector) -> Matrix:
        return w[: self.units * self.inputs].reshape(self.units, self.inputs)


class ConvFunction(Function):
    """a_i = sum over the connections (i, q, j) of w_q x_j, plus the bias of i's filter.

    A convolution is a dense layer most of whose weights are 0 and whose others are shared: a
    weight w_q serves all the outputs of its filter.  Therefore
    da_i / dw_q = sum of x_j and da_i / dx_j = sum of w_q, each over the connections (i, q, j).
    """

    def __init__(self, layer: Conv, shape: Shape) -> None:
        self.image, self.windows = shape, layer.windows(shape)
        self.output = layer.output_shape(shape)
        self.kernels = (layer.filters, shape[0] // layer.groups, *self.windows.kernel)
        self.group = layer.filters // layer.groups  # filters in a group
        self.bias = layer.bias
        self.connections = np.array(list(self._connections())).reshape(-1, 3).T  # i, q and j of all

    def value(self, x: Vector, w: Vector) -> Vector:
        a, (outputs, weights, inputs) = np.zeros(int(np.prod(self.output))), self.connections
        np.add.at(a, outputs, w[weights] * x[inputs])  # a_i += w_q x_j
        for i, q in self._biases():
            a[i] += w[q]
        return a

    def dx_dw(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), w.size))
        outputs, weights, inputs = self.connections
        np.add.at(jacobian, (outputs, weights), x[inputs])
        for i, q in self._biases():
            jacobian[i, q] += 1
        return jacobian

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), x.size))
        outputs, weights, inputs = self.connections
        np.add.at(jacobian, (outputs, inputs), w[weights])
        return jacobian

    def _connections(self) -> Iterator[tuple[int, int, int]]:
        """(i, q, j) for every product w_q x_j in a_i; products with the zero padding left out."""
        (sh, sw), (top, _, left, _) = self.windows.stride, self.windows.padding
        (dh, dw), (_, height, width) = self.windows.dilation, self.image
        for f, r, s in np.ndindex(*self.output):  # filter, row, column of the output
            for c, u, v in np.ndindex(*self.kernels[1:]):  # channel, row, column of the kernel
                row, column = r * sh + u * dh - top, s * sw + v * dw - left
                channel = f // self.group * self.kernels[1] + c
                if 0 <= row < height and 0 <= column < width:
                    yield (
                        position(self.output, f, r, s),
                        position(self.kernels, f, c, u, v),
                        position(self.image, channel, row, column),
                    )

    def _biases(self) -> Iterator[tuple[int, int]]:
        """(i, q) for every output i and the position q of its filter's bias in w(k)."""
        if self.bias:
            for f, r, s in np.ndindex(*self.output):
                yield position(self.output, f, r, s), int(np.prod(self.kernels)) + f


class FlattenFunction(Function):
    """The identity: an image is a vector here already."""

    def __init__(self, layer: Flatten, shape: Shape) -> None:
        pass

    def value(self, x: Vector, w: Vector) -> Vector:
        return x

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        return np.eye(x.size)


class SoftmaxFunction(Function):
    """p_i = exp(z_i) / sum over c of exp(z_c), so that dp_i / dz_j = p_i (delta_ij - p_j)."""

    def __init__(self, layer: Softmax, shape: Shape) -> None:
        pass

    def value(self, x: Vector, w: Vector) -> Vector:
        exponentials = np.exp(x - x.max())  # the shift changes nothing and avoids overflow
        return np.asarray(exponentials / exponentials.sum())

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        p, e = self.value(x, w), range(x.size)
        return np.array([[p[i] * (delta(i, j) - p[j]) for j in e] for i in e])


_FUNCTIONS: dict[type[Layer], Any] = {
    layers.AvgPool: AvgPoolFunction,
    layers.Conv: ConvFunction,
    layers.Dense: DenseFunction,
    layers.ELU: point.ELUFunction,
    layers.Flatten: FlattenFunction,
    layers.GELU: point.GELUFunction,
    layers.GroupNorm: GroupNormFunction,
    layers.LeakyReLU: point.LeakyReLUFunction,
    layers.MaxPool: max_pool_function,
    layers.ReLU: point.ReLUFunction,
    layers.SiLU: point.SiLUFunction,
    layers.Sigmoid: point.SigmoidFunction,
    layers.Softmax: SoftmaxFunction,
    layers.Tanh: point.TanhFunction,
}


def check_layer(layer: Layer) -> None:
    """Raise UsageError for a layer that the note does not have."""
    if type(layer) not in _FUNCTIONS:
        known = ", ".join(sorted({kind.word() for kind in _FUNCTIONS}))
        alone = "" if layer.acts_per_sample else " (in training it is no function of one sample)"
        raise UsageError(f"Algorithm 1 has no layer {layer.word()!r}{alone}, only {known}")


def layer_function(layer: Layer, shape: Shape) -> Function:
    """`layer` on inputs of `shape`; UsageError for a layer that the note does not have."""
    check_layer(layer)
    function: Function = _FUNCTIONS[type(layer)](layer, shape)
    return function
