"""What a layer is in the note: a function of two vectors, with its Jacobian matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

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

    def kinks(self, x: Vector) -> list[str]:
        """In words, where at `x` there is no derivative, or a choice of several, and which of them
        the Jacobians have."""
        return []


def position(shape: Shape, *index: int) -> int:
    """Where the entry `index` of an array of `shape` comes in the array's vector."""
    return int(np.ravel_multi_index(index, shape))
