"""Steps of optimizers on flat vectors: in one pass in C where there is a library, in several of
NumPy where there is none.  Both do the same operations in the same order, so that the bits are the
same, whichever engine computes the network."""

from __future__ import annotations

from ctypes import byref

import numpy as np

from cnntrain.nn.engines.compiled.functions import Function, functions
from cnntrain.nn.engines.compiled.library import load
from cnntrain.nn.engines.compiled.structures import UpdateC, address
from cnntrain.nn.shapes import Array


def sgd(w: Array, gradient: Array, velocity: Array | None, momentum: float, rate: float) -> None:
    """v <- momentum v + g, w <- w - rate v; without a velocity w <- w - rate g."""
    if (call := _in_c("sgd", w, gradient, velocity)) is not None:
        given = UpdateC(w.size, *map(address, (w, gradient, velocity)))
        given.momentum, given.rate = momentum, rate
        call(byref(given))
        return
    direction = gradient
    if velocity is not None:
        velocity *= momentum
        velocity += gradient
        direction = velocity
    w -= rate * direction


def adam(
    w: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    betas: tuple[float, float],
    deviation: float,
    epsilon: float,
    rate: float,
) -> None:
    """m <- beta1 m + (1 - beta1) g, s <- beta2 s + (1 - beta2) g^2,
    w <- w - rate m / (sqrt(s) / deviation + epsilon)."""
    beta1, beta2 = betas
    if (call := _in_c("adam", w, gradient, mean, square)) is not None:
        given = UpdateC(w.size, *map(address, (w, gradient, None, mean, square)))
        given.beta1, given.beta2, given.rate = beta1, beta2, rate
        given.deviation, given.epsilon = deviation, epsilon
        call(byref(given))
        return
    mean *= beta1
    mean += (1 - beta1) * gradient
    square *= beta2
    square += (1 - beta2) * np.square(gradient)
    root = np.sqrt(square)
    root /= deviation
    root += epsilon
    w -= rate * mean / root


def all_finite(x: Array) -> bool:
    """Whether no entry is infinite or not a number."""
    call = _in_c("all_finite", x)
    return bool(np.isfinite(x).all()) if call is None else bool(call(address(x), x.size))


def _in_c(name: str, w: Array, *others: Array | None) -> Function | None:
    """The function for vectors like these, None where there is none."""
    library = load()
    if isinstance(library, str) or w.dtype not in (np.float32, np.float64):
        return None
    there = [w, *(x for x in others if x is not None)]
    if any(x.dtype != w.dtype or not x.flags.c_contiguous for x in there):
        return None
    return functions(library, w.dtype)[name]
