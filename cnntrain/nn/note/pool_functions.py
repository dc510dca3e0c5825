"""Pooling layers as functions of vectors: what they make of the windows of an image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cnntrain.nn.layers import MaxPool
from cnntrain.nn.layers.pool import Pool
from cnntrain.nn.note.function import Function, Matrix, Vector, position
from cnntrain.nn.shapes import Shape


class PoolFunction(Function):
    """A function of the windows P(i) of an image."""

    def __init__(self, layer: Pool, shape: Shape) -> None:
        self.image, self.windows = shape, layer.windows(shape)
        self.output = layer.output_shape(shape)

    def _windows(self) -> Iterator[list[int]]:
        """P(i) for each output i: the input indices in its window, row by row, without padding."""
        (sh, sw), (top, _, left, _) = self.windows.stride, self.windows.padding
        _, height, width = self.image
        for c, r, s in np.ndindex(*self.output):
            corner = r * sh - top, s * sw - left
            entries = [(corner[0] + u, corner[1] + v) for u, v in np.ndindex(*self.windows.kernel)]
            yield [
                position(self.image, c, row, column)
                for row, column in entries
                if 0 <= row < height and 0 <= column < width
            ]


class MaxPoolFunction(PoolFunction):
    """x_i = max over q in the window P(i): dx_i / dx_q = delta_{q q^}, q^ being the arg max.

    In a tie q^ is the first of the highest inputs; with ties `split`, the m highest inputs have
    1/m each.
    """

    def __init__(self, layer: MaxPool, shape: Shape) -> None:
        super().__init__(layer, shape)
        self.ties, self.split = layer.ties, layer.ties == "split"

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.array([max(x[P]) for P in self._windows()])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), x.size))
        for i, P in enumerate(self._windows()):
            highest = [q for q in P if x[q] == max(x[P])]
            for q_hat in highest if self.split else highest[:1]:
                jacobian[i, q_hat] = 1 / len(highest) if self.split else 1
        return jacobian

    def kinks(self, x: Vector) -> list[str]:
        tied = [(i, P) for i, P in enumerate(self._windows()) if sum(x[P] == max(x[P])) > 1]
        if not tied:
            return []
        i, P = tied[0]
        highest = [q for q in P if x[q] == max(x[P])]
        inputs = [_indices(self.image, q) for q in highest[:2]]
        more = f" and {len(highest) - 2} more" if len(highest) > 2 else ""
        taken = {
            "split": "each has an equal part of the derivative",
            "first": "the first of them is taken",
            "random": "the first of them is taken (training draws one, ties: random)",
        }[self.ties]
        of = int(np.prod(self.output))
        return [
            f"{len(tied):,} of {of:,} windows have several highest inputs: {taken}; such as output "
            f"{_indices(self.output, i)}: inputs {', '.join(inputs)}{more} are {max(x[P]):.4g} "
            "(channel, row, column)"
        ]


def _indices(shape: Shape, entry: int) -> str:
    """Where an entry of an array's vector is in the array, in words."""
    return f"({', '.join(str(index) for index in np.unravel_index(entry, shape))})"


class AvgPoolFunction(PoolFunction):
    """x_i = sum over q in P(i) of x_q / |P(i)|: dx_i / dx_q = 1 / |P(i)|."""

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.array([sum(x[P]) / len(P) for P in self._windows()])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        jacobian = np.zeros((int(np.prod(self.output)), x.size))
        for i, P in enumerate(self._windows()):
            jacobian[i, P] = 1 / len(P)
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
