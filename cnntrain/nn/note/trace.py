"""One step of gradient descent on a few samples, with everything that it comes from.

As `algorithm1` computes it, but each quantity of the note is kept under its name, to be looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.errors import DivergedError
from cnntrain.nn.network import Network
from cnntrain.nn.note.algorithm1 import LIMIT, as_vector, check, dl_dp, loss_value, split
from cnntrain.nn.note.function import Function, Matrix, Vector
from cnntrain.nn.note.stack_functions import functions
from cnntrain.nn.shapes import Shape


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """Layer k and one sample: forward propagation, and on the way back equations 2 and 3.

    shape    inner shape of what the layer makes, (C, H, W) or (d,); x(k) is its vector, followed by
             those that wait for the sum at the end of a residual block
    before   x(k-1)
    w        w(k)
    x        x(k) = f(k)(x(k-1), w(k))
    g        dl/dx(k)
    dl_dw    dl/dw(k) = g dx(k)/dw(k)
    dl_dx    dl/dx(k-1) = g dx(k)/dx(k-1)
    """

    k: int
    name: str
    shape: Shape
    function: Function
    before: Vector
    w: Vector
    x: Vector
    g: Vector
    dl_dw: Vector
    dl_dx: Vector

    def dx_dw(self) -> Matrix:
        """The Jacobian dx(k)/dw(k), (d_k, j_k), computed anew."""
        return self.function.dx_dw(self.before, self.w)

    def dx_dx(self) -> Matrix:
        """The Jacobian dx(k)/dx(k-1), (d_k, d_(k-1)), computed anew."""
        return self.function.dx_dx(self.before, self.w)

    @property
    def kinks(self) -> list[str]:
        """Where there is no derivative, or a choice of several, and which was taken."""
        return self.function.kinks(self.before)


@dataclass(frozen=True, eq=False)
class SampleTrace:
    """One sample, there and back.

    x        x(0), and its inner shape (C, H, W) or (d,)
    y        its label, or its target vector
    layers   k = 1, ..., K
    loss     l(y, x(K))
    dl_dp    its derivative, equation 4
    """

    x: Vector
    shape: Shape
    y: Any
    layers: tuple[LayerTrace, ...]
    loss: float
    dl_dp: Vector

    @property
    def p(self) -> Vector:
        """x(K)."""
        return self.layers[-1].x

    @property
    def best(self) -> list[int]:
        """The arg max of p; several classes where they tie."""
        return [int(c) for c in np.flatnonzero(self.p == self.p.max())]


@dataclass(frozen=True, eq=False)
class Trace:
    """A step w <- w - alpha dL/dw on some samples (equation 6).

    gradient   dL/dw, the average of the samples' dl/dw
    after      w after the step; frozen layers stay as they are
    loss_after  the mean loss of the samples there, `loss` before
    """

    network: Network
    samples: tuple[SampleTrace, ...]
    w: Vector
    gradient: Vector
    alpha: float
    after: Vector
    loss_after: float

    @property
    def loss(self) -> float:
        """The mean of the samples' losses at w."""
        return sum(sample.loss for sample in self.samples) / len(self.samples)


def trace(
    T: Iterable[tuple[Any, Any]],
    w: NDArray[Any],
    network: Network,
    alpha: float,
    limit: int | None = LIMIT,
) -> Trace:
    """The step of rate `alpha` from `w` on the samples T, in float64.

    Arguments, limits and errors are those of `backprop`.  Raises DivergedError where the loss at
    `w` is not finite.
    """
    check(network, limit)
    w, f = np.asarray(w, dtype=np.float64), list(functions(network))
    pairs, w_ = list(T), split(w, network)
    samples = tuple(_sample(x, y, f, w_, network) for x, y in pairs)
    gradients = [np.concatenate([layer.dl_dw for layer in one.layers]) for one in samples]
    gradient = np.mean(gradients, axis=0)
    after = w - alpha * gradient
    for entry in network.parameters:
        if entry.layer in network.frozen:
            entry.view(after)[...] = entry.view(w)
    there = split(after, network)
    losses = [loss_value(network.loss, one.y, _output(one.x, f, there)) for one in samples]
    return Trace(network, samples, w, gradient, alpha, after, math.fsum(losses) / len(losses))


def _sample(
    x_n: Any, y: Any, f: list[Function], w: dict[int, Vector], network: Network
) -> SampleTrace:
    x = [as_vector(x_n, network.input_shape)]
    for k, function in enumerate(f, start=1):
        x.append(function.value(x[-1], w[k]))
    loss = loss_value(network.loss, y, x[-1])
    if not math.isfinite(loss):
        raise DivergedError("the loss of a sample is not finite: there is no step to be taken")
    derivative = g = dl_dp(network.loss, y, x[-1])
    layers: list[LayerTrace] = []
    for k in range(len(f), 0, -1):
        function, before = f[k - 1], x[k - 1]
        dl_dw, dl_dx = g @ function.dx_dw(before, w[k]), g @ function.dx_dx(before, w[k])
        name, shape = network.names[k - 1], network.shapes[k]
        layer = LayerTrace(k, name, shape, function, before, w[k], x[k], g, dl_dw, dl_dx)
        layers, g = [layer, *layers], dl_dx
    return SampleTrace(x[0], network.shapes[0], y, tuple(layers), loss, derivative)


def _output(x: Vector, f: list[Function], w: dict[int, Vector]) -> Vector:
    for k, function in enumerate(f, start=1):
        x = function.value(x, w[k])
    return x
