"""Normalisation as a function of vectors."""

from __future__ import annotations

import numpy as np

from cnntrain.nn.layers import GroupNorm
from cnntrain.nn.note.function import Function, Matrix, Vector, delta
from cnntrain.nn.shapes import Shape


class GroupNormFunction(Function):
    """x_i = w_c z_i + b_c with z_i = (a_i - m) / s, for i in channel c and group G of N entries.

    m is the mean of a over G, s^2 = epsilon + the mean of (a - m)^2.  For q in G,
    dm / da_q = 1 / N and ds / da_q = (a_q - m) / (N s), so that
    dz_i / da_q = (delta_iq - 1 / N - z_i z_q / N) / s; it is 0 for all other q.
    w(k) = [w; b]: dx_i / dw_c = z_i and dx_i / db_c = 1.
    """

    def __init__(self, layer: GroupNorm, shape: Shape) -> None:
        self.channels, self.epsilon = shape[0], layer.epsilon
        entries = np.arange(int(np.prod(shape)))
        self.groups = np.split(entries, layer.groups)
        self.channel = np.repeat(np.arange(shape[0]), len(entries) // shape[0])

    def value(self, x: Vector, w: Vector) -> Vector:
        z, _ = self._normalised(x)
        weight, bias = np.split(w, 2)
        return np.array([weight[c] * z[i] + bias[c] for i, c in enumerate(self.channel)])

    def dx_dx(self, x: Vector, w: Vector) -> Matrix:
        jacobian, (z, s) = np.zeros((x.size, x.size)), self._normalised(x)
        for G in self.groups:
            for i in G:
                for q in G:
                    dz = (delta(i, q) - 1 / len(G) - z[i] * z[q] / len(G)) / s[i]
                    jacobian[i, q] = w[self.channel[i]] * dz
        return jacobian

    def dx_dw(self, x: Vector, w: Vector) -> Matrix:
        jacobian, (z, _) = np.zeros((x.size, w.size)), self._normalised(x)
        for i, c in enumerate(self.channel):
            jacobian[i, c] = z[i]
            jacobian[i, self.channels + c] = 1
        return jacobian

    def _normalised(self, x: Vector) -> tuple[Vector, Vector]:
        """z, and s of each entry's group."""
        z, s = np.zeros(x.size), np.zeros(x.size)
        for G in self.groups:
            m = sum(x[G]) / len(G)
            s[G] = np.sqrt(self.epsilon + sum((x[G] - m) ** 2) / len(G))
            z[G] = (x[G] - m) / s[G]
        return z, s
