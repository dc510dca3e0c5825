"""The layers as functions of vectors, x(k) = f(k)(x(k-1), w(k)), and their Jacobians (equation 5).

Written out entry by entry, as in the appendix of the note, for `algorithm1`.  An image is the
vector of its pixels, channel by channel and row by row; w(k) is the layer's part of the flat
parameter vector.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import UsageError
from cnntrain.nn.layers import (
    Conv,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    ReLU,
    Softmax,
)
from cnntrain.nn.layers.pool import Pool
from cnntrain.nn.shapes import Shape

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def delta(i: int, q: int) -> float:
    """The Kronecker delta."""
    return 1.0 if i == q else 0.0


class Function(ABC):
    """f(k): R^{d_{k-1}} x R^{j_k} -> R^{d_k}.  `x` is x(k-1), `w` is w(k)."""

    @abstractmethod
    def value(self, x: Vector, w: Vector) -> Vector:
        """x(k), of d_k entries."""

    @abstractmethod
    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        """The Jacobian dx(k) / dx(k-1), d_k x d_{k-1}."""

    def dx_dw(self, x: Vector, w: Vector) -> Matrix:
        """The Jacobian dx(k) / dw(k), d_k x j_k; without columns if there are no parameters."""
        return np.zeros((self.value(x, w).size, 0))


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
        self.kernels = (layer.filters, shape[0], *self.windows.kernel)
        self.bias = layer.bias

    def value(self, x: Vector, w: Vector) -> Vector:
        a = np.zeros(int(np.prod(self.output)))
        for i, q, j in self._connections():
            a[i] += w[q] * x[j]
        for i, q in self._biases():
            a[i] += w[q]
        return a

    def dx_dw(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), w.size))
        for i, q, j in self._connections():
            jacobian[i, q] += x[j]
        for i, q in self._biases():
            jacobian[i, q] += 1
        return jacobian

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), x.size))
        for i, q, j in self._connections():
            jacobian[i, j] += w[q]
        return jacobian

    def _connections(self) -> Iterator[tuple[int, int, int]]:
        """(i, q, j) for every product w_q x_j in a_i; products with the zero padding left out."""
        (sh, sw), (top, _, left, _) = self.windows.stride, self.windows.padding
        _, height, width = self.image
        for f, r, s in np.ndindex(*self.output):  # filter, row, column of the output
            for c, u, v in np.ndindex(*self.kernels[1:]):  # channel, row, column of the kernel
                row, column = r * sh + u - top, s * sw + v - left
                if 0 <= row < height and 0 <= column < width:
                    yield (
                        _position(self.output, f, r, s),
                        _position(self.kernels, f, c, u, v),
                        _position(self.image, c, row, column),
                    )

    def _biases(self) -> Iterator[tuple[int, int]]:
        """(i, q) for every output i and the position q of its filter's bias in w(k)."""
        if self.bias:
            for f, r, s in np.ndindex(*self.output):
                yield _position(self.output, f, r, s), int(np.prod(self.kernels)) + f


class ReLUFunction(Function):
    """h(a) = max(0, a), a point function: dx_i / da_j = delta_ij dh/da, evaluated at a_i.

    With a joint of radius r, h(a) = (a + r)^2 / 4r and dh/da = (a + r) / 2r where |a| <= r.
    """

    def __init__(self, layer: ReLU, shape: Shape) -> None:
        self.at_zero, self.radius = layer.derivative_at_zero, layer.radius

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.array([self._value(a) for a in x])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        return np.diag([self._derivative(a) for a in x])

    def _value(self, a: float) -> float:
        r = self.radius
        return (a + r) ** 2 / (4 * r) if abs(a) <= r and r else max(0.0, a)

    def _derivative(self, a: float) -> float:
        if abs(a) <= self.radius and self.radius:
            return (a + self.radius) / (2 * self.radius)
        return 1.0 if a > 0 else 0.0 if a < 0 else self.at_zero


class PoolFunction(Function):
    """A function of the windows P(i) of an image."""

    def __init__(self, layer: Pool, shape: Shape) -> None:
        self.image, self.windows = shape, layer.windows(shape)
        self.output = layer.output_shape(shape)

    def _windows(self) -> Iterator[list[int]]:
        """P(i) for each output i: the input indices in its window, row by row."""
        (sh, sw), kernel = self.windows.stride, self.windows.kernel
        for c, r, s in np.ndindex(*self.output):
            yield [_position(self.image, c, r * sh + u, s * sw + v) for u, v in np.ndindex(*kernel)]


class MaxPoolFunction(PoolFunction):
    """x_i = max over q in the window P(i): dx_i / dx_q = delta_{q q^}, q^ being the arg max.

    In a tie q^ is the first of the highest inputs; with ties `split`, the m highest inputs have
    1/m each.
    """

    def __init__(self, layer: MaxPool, shape: Shape) -> None:
        super().__init__(layer, shape)
        self.split = layer.ties == "split"

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.array([max(x[P]) for P in self._windows()])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), x.size))
        for i, P in enumerate(self._windows()):
            highest = [q for q in P if x[q] == max(x[P])]
            for q_hat in highest if self.split else highest[:1]:
                jacobian[i, q_hat] = 1 / len(highest) if self.split else 1
        return jacobian


class SmoothPoolFunction(PoolFunction):
    """x_i = log(sum over q in P(i) of exp(beta x_q)) / beta: dx_i / dx_q is the soft-max of
    beta x over the window, at q."""

    def __init__(self, layer: MaxPool, shape: Shape, beta: float) -> None:
        super().__init__(layer, shape)
        self.beta = beta

    def value(self, x: Vector, w: Vector) -> Vector:
        scores = [self.beta * x[P] for P in self._windows()]
        return np.array([np.logaddexp.reduce(s) / self.beta for s in scores])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        value = self.value(x, w)
        jacobian = np.zeros((value.size, x.size))
        for i, P in enumerate(self._windows()):
            jacobian[i, P] = np.exp(self.beta * (x[P] - value[i]))
        return jacobian


def max_pool_function(layer: MaxPool, shape: Shape) -> Function:
    """Max-pooling, sharp or smooth."""
    if layer.smooth == "none":
        return MaxPoolFunction(layer, shape)
    return SmoothPoolFunction(layer, shape, layer.smooth)


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
    Conv: ConvFunction,
    Dense: DenseFunction,
    Flatten: FlattenFunction,
    MaxPool: max_pool_function,
    ReLU: ReLUFunction,
    Softmax: SoftmaxFunction,
}


def layer_function(layer: Layer, shape: Shape) -> Function:
    """`layer` on inputs of `shape`; UsageError for a layer that the note does not have."""
    if type(layer) not in _FUNCTIONS:
        raise UsageError(
            f"Algorithm 1 has no layer {layer.word()!r}, only "
            + ", ".join(sorted({known.word() for known in _FUNCTIONS}))
        )
    function: Function = _FUNCTIONS[type(layer)](layer, shape)
    return function


def _position(shape: Shape, *index: int) -> int:
    """Where the entry `index` of an array of `shape` comes in the array's vector."""
    return int(np.ravel_multi_index(index, shape))
