"""Point functions as functions of vectors: h and its derivative at one number a."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np

from cnntrain.nn.layers import ELU, LeakyReLU, ReLU
from cnntrain.nn.layers.point_function import PointFunction
from cnntrain.nn.note.function import Function, Matrix, Vector
from cnntrain.nn.shapes import Shape


class PointwiseFunction(Function):
    """x_i = h(a_i): dx_i / da_j = delta_ij dh/da, evaluated at a_i."""

    def __init__(self, layer: PointFunction, shape: Shape) -> None:
        pass

    def value(self, x: Vector, w: Vector) -> Vector:
        return np.array([self.h(a) for a in x])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        return np.diag([self.dh_da(a) for a in x])

    @abstractmethod
    def h(self, a: float) -> float:
        """The value."""

    @abstractmethod
    def dh_da(self, a: float) -> float:
        """The derivative."""


def _kinks_at_zero(x: Vector, derivative: float) -> list[str]:
    """Those of a function with a cusp at 0."""
    count = int(np.count_nonzero(x == 0))
    are = "input is" if count == 1 else "inputs are"
    taken = f"{count:,} of {x.size:,} {are} exactly 0, at the cusp: dh/da = {derivative:g} is taken"
    return [taken] if count else []


class ReLUFunction(PointwiseFunction):
    """h(a) = max(0, a).

    With a joint of radius r, h(a) = (a + r)^2 / 4r and dh/da = (a + r) / 2r where |a| <= r.
    """

    def __init__(self, layer: ReLU, shape: Shape) -> None:
        self.at_zero, self.radius = layer.derivative_at_zero, layer.radius

    def h(self, a: float) -> float:
        r = self.radius
        return (a + r) ** 2 / (4 * r) if abs(a) <= r and r else max(0.0, a)

    def dh_da(self, a: float) -> float:
        if abs(a) <= self.radius and self.radius:
            return (a + self.radius) / (2 * self.radius)
        return 1.0 if a > 0 else 0.0 if a < 0 else self.at_zero

    def kinks(self, x: Vector) -> list[str]:
        return [] if self.radius else _kinks_at_zero(x, self.at_zero)


class LeakyReLUFunction(PointwiseFunction):
    """h(a) = max(a, s a), s being the slope on the left."""

    def __init__(self, layer: LeakyReLU, shape: Shape) -> None:
        self.slope, self.at_zero = layer.slope, layer.derivative_at_zero

    def h(self, a: float) -> float:
        return max(a, self.slope * a)

    def dh_da(self, a: float) -> float:
        if a == 0:
            return self.at_zero * 1.0 + (1 - self.at_zero) * self.slope
        return 1.0 if a > 0 else self.slope

    def kinks(self, x: Vector) -> list[str]:
        return _kinks_at_zero(x, self.dh_da(0.0))


class ELUFunction(PointwiseFunction):
    """h(a) = a for a >= 0, else alpha (e^a - 1)."""

    def __init__(self, layer: ELU, shape: Shape) -> None:
        self.alpha = layer.alpha

    def h(self, a: float) -> float:
        return a if a >= 0 else self.alpha * (math.exp(a) - 1)

    def dh_da(self, a: float) -> float:
        return 1.0 if a >= 0 else self.alpha * math.exp(a)

    def kinks(self, x: Vector) -> list[str]:
        return [] if self.alpha == 1 else _kinks_at_zero(x, 1.0)


class GELUFunction(PointwiseFunction):
    """h(a) = a Phi(a), and Phi' = phi."""

    def h(self, a: float) -> float:
        return a * math.erfc(-a / math.sqrt(2)) / 2

    def dh_da(self, a: float) -> float:
        phi = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
        return math.erfc(-a / math.sqrt(2)) / 2 + a * phi


class SigmoidFunction(PointwiseFunction):
    """h(a) = 1 / (1 + e^-a) = s(a), and s' = s (1 - s)."""

    def h(self, a: float) -> float:
        return 1 / (1 + math.exp(-a))

    def dh_da(self, a: float) -> float:
        return self.h(a) * (1 - self.h(a))


class SiLUFunction(PointwiseFunction):
    """h(a) = a s(a)."""

    def h(self, a: float) -> float:
        return a / (1 + math.exp(-a))

    def dh_da(self, a: float) -> float:
        s = 1 / (1 + math.exp(-a))
        return s + a * s * (1 - s)


class TanhFunction(PointwiseFunction):
    """h(a) = tanh a, and tanh' = 1 - tanh^2."""

    def h(self, a: float) -> float:
        return math.tanh(a)

    def dh_da(self, a: float) -> float:
        return 1 - math.tanh(a) ** 2
