"""Networks with residual blocks as the note has networks: one function of a vector after another.

Beside x(k) some earlier vectors may be waiting (see `nn.layers.joints`).  All of them in one,
x(k) first and then the stack from its top down, are the x(k) of Algorithm 1: a layer changes the
first part and leaves the others as they are, a joint is a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cnntrain.nn.layers.joints import Branch, Sum, Turn
from cnntrain.nn.network import Network
from cnntrain.nn.note.function import Function, Matrix, Vector
from cnntrain.nn.note.jacobians import layer_function


class OnTop(Function):
    """A layer on the first `size` entries; the others stay."""

    def __init__(self, function: Function, size: int) -> None:
        self.function, self.size = function, size

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.concatenate([self.function.value(x[: self.size], w), x[self.size :]])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        return _diagonal(self.function.dx_dx(x[: self.size], w), np.eye(x.size - self.size))

    def dx_dw(self, x: Vector, w: Vector) -> Matrix:
        jacobian = self.function.dx_dw(x[: self.size], w)
        return np.concatenate([jacobian, np.zeros((x.size - self.size, w.size))])

    def kinks(self, x: Vector) -> list[str]:
        return self.function.kinks(x[: self.size])


class JointFunction(Function):
    """A matrix on the first entries; the others stay."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.asarray(self.dx_dx(x, w) @ x)

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        return _diagonal(self.matrix, np.eye(x.size - self.matrix.shape[1]))


def vector_sizes(network: Network) -> list[int]:
    """The entries of x(0), ..., x(K), with those that wait."""
    sizes, waiting = [math.prod(network.shapes[0])], list[int]()
    for layer, shape in zip(network.all_layers, network.shapes[1:], strict=True):
        if isinstance(layer, Branch):
            waiting.append(math.prod(shape))
        elif isinstance(layer, Turn):
            waiting[-1] = sizes[-1] - sum(waiting)
        elif isinstance(layer, Sum):
            waiting.pop()
        sizes.append(math.prod(shape) + sum(waiting))
    return sizes


def functions(network: Network) -> Iterator[Function]:
    """f(1), ..., f(K)."""
    sizes = [math.prod(shape) for shape in network.shapes]
    waiting: list[int] = []
    for k, layer in enumerate(network.all_layers):
        x = np.eye(sizes[k])
        if isinstance(layer, Branch):
            waiting.append(sizes[k])
            yield JointFunction(np.concatenate([x, x]))
        elif isinstance(layer, Turn):
            yield JointFunction(_exchange(sizes[k], waiting.pop()))
            waiting.append(sizes[k])
        elif isinstance(layer, Sum):
            waiting.pop()
            yield JointFunction(np.concatenate([x, x], axis=1))
        else:
            yield OnTop(layer_function(layer, network.shapes[k]), sizes[k])


def _exchange(first: int, second: int) -> Matrix:
    """The matrix that puts the `second` entries that follow the `first` in front of these."""
    return np.roll(np.eye(first + second), second, axis=0)


def _diagonal(a: Matrix, b: Matrix) -> Matrix:
    """The matrix with `a` and `b` on its diagonal."""
    return np.block([[a, np.zeros((len(a), b.shape[1]))], [np.zeros((len(b), a.shape[1])), b]])
