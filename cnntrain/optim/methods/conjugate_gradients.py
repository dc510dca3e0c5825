"""The method of conjugate gradients for A x = b (Nocedal and Wright, algorithm 5.2)."""

from __future__ import annotations

from collections.abc import Callable

from cnntrain.nn.reductions import inner
from cnntrain.optim.methods.optimizer import Array


def conjugate_gradients(
    product: Callable[[Array], Array], b: Array, x: Array, iterations: int, tolerance: float
) -> tuple[Array, Array]:
    """An approximate solution and its residual b - A x.

    Each iteration lowers phi(x) = x^T A x / 2 - b^T x.  The first starts from `x`, or from 0
    where phi(x) is positive, so that phi ends no higher than at 0.

    product     d -> A d, with A symmetric and positive semi-definite
    iterations  products at most, besides the one for the first residual
    tolerance   epsilon: stop after i iterations if the last k = max(10, i / 10) of them have
                lowered phi by less than the fraction k epsilon (Martens 2010, section 4.4).
                0 never stops
    """
    x = x.copy()
    residual = b - product(x)
    if _value(x, b, residual) > 0:
        x[...], residual = 0, b.copy()
    direction, square = residual.copy(), inner(residual, residual)
    values = [_value(x, b, residual)]
    for i in range(1, iterations + 1):
        if square == 0:
            break
        curved = product(direction)
        curvature = inner(direction, curved)
        if curvature <= 0:  # A is singular, or rounding has made it so
            break
        step = square / curvature
        x += step * direction
        residual -= step * curved
        previous, square = square, inner(residual, residual)
        direction = residual + (square / previous) * direction
        values.append(_value(x, b, residual))
        k = max(10, i // 10)
        if i > k and values[i] - values[i - k] > k * tolerance * values[i]:
            break
    return x, residual


def _value(x: Array, b: Array, residual: Array) -> float:
    """phi(x) = x^T A x / 2 - b^T x, with A x = b - r."""
    return -inner(x, b + residual) / 2
